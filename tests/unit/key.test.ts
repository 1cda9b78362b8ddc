import { describe, expect, it } from 'vitest';
import { threadKey } from '../../widget/state/key.js';

const address = 'https://news.example/story?id=7&utm_source=mail#part-2';

describe("[PAGE2] a thread's key", () => {
  it('is the `thread` attribute before everything else', () => {
    expect(threadKey(address, 'my-key', 'https://a.example/')).toBe('my-key');
  });

  it('is the canonical address where there is no attribute', () => {
    expect(threadKey(address, '', 'https://news.example/story')).toBe('https://news.example/story');
  });

  it('is the address without fragment and tracking parameters where there is neither', () => {
    expect(threadKey(address)).toBe('https://news.example/story?id=7');
    expect(threadKey(address, null, undefined)).toBe('https://news.example/story?id=7');
  });

  it.each([
    'utm_source',
    'utm_campaign',
    'UTM_Medium',
    'fbclid',
    'gclid',
    'dclid',
    'gbraid',
    'wbraid',
    'msclkid',
    'yclid',
    'ttclid',
    'twclid',
    'li_fat_id',
    'mc_cid',
    'mc_eid',
    'igsh',
    'igshid',
    '_ga',
    '_gl',
    '_hsenc',
    '_hsmi',
    'mkt_tok',
    'vero_id',
    'oly_anon_id',
    'oly_enc_id',
  ])('does not change with the tracking parameter %s', (name) => {
    expect(threadKey(`https://a.example/b?${name}=1`)).toBe('https://a.example/b');
    expect(threadKey(`https://a.example/b?x=1&${name}&y=2`)).toBe('https://a.example/b?x=1&y=2');
  });

  it.each(['id', 'utm', 'gclidx', 'my_utm_source', 'p', 'ref', 'page_ga', 'q'])('keeps the parameter %s', (name) => {
    const kept = `https://a.example/b?${name}=1`;
    expect(threadKey(kept)).toBe(kept);
  });

  it('keeps the other parameters as they are written and in their order', () => {
    const kept = 'https://a.example/b?z=%20+%C3%A4&a=1&a=2&flag&q=a?b';
    expect(threadKey(`${kept}&fbclid=x#top`)).toBe(kept);
  });

  it('has no question mark where nothing is left behind it', () => {
    expect(threadKey('https://a.example/b?utm_source=x#y?z')).toBe('https://a.example/b');
    expect(threadKey('https://a.example/b?')).toBe('https://a.example/b');
  });
});
