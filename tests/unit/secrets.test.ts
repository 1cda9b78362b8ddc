// Which secret signs and which are believed, at each moment of a rotation.
import { describe, expect, it } from 'vitest';

import { createTokens } from '../../server/accounts/tokens.js';
import {
  believed,
  LEAD_MS,
  newSecret,
  onlySecret,
  readSecrets,
  rotate,
  type Secrets,
  secretsOfLines,
  signing,
  writeSecrets,
} from '../../server/secrets/secrets.js';
import { newId } from '../../shared/ids.js';

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;
const first = newSecret();
const rotated = rotate(onlySecret(first), NOW, 30 * DAY);
const second = rotated.all.find(({ value }) => value !== first)!.value;
const valuesAt = (secrets: Secrets, now: number) => believed(secrets, now).map(({ value }) => value);

describe('[PROC6] a rotation', () => {
  it('is known to every node before the new secret signs', () => {
    expect(signing(rotated, NOW).value).toBe(first);
    expect(valuesAt(rotated, NOW)).toEqual([first, second]);
    expect(signing(rotated, NOW + LEAD_MS - 1).value).toBe(first);
    expect(signing(rotated, NOW + LEAD_MS).value).toBe(second);
  });

  it('believes the earlier one for the overlap, and no longer', () => {
    const end = NOW + LEAD_MS + 30 * DAY;
    expect(valuesAt(rotated, end - 1)).toEqual([second, first]);
    expect(valuesAt(rotated, end)).toEqual([second]);
  });

  it('of one that has leaked believes it no more once the new one signs', () => {
    const urgent = rotate(onlySecret(first), NOW, 0);
    expect(valuesAt(urgent, NOW + LEAD_MS - 1)[0]).toBe(first);
    expect(valuesAt(urgent, NOW + LEAD_MS)).not.toContain(first);
  });

  it('may come while another is under way: no overlap gets longer, and what is over is dropped', () => {
    const again = rotate(rotated, NOW + DAY, 90 * DAY);
    expect(valuesAt(again, NOW + LEAD_MS + 30 * DAY)).not.toContain(first);
    expect(valuesAt(again, NOW + 90 * DAY)).toContain(second);
    expect(rotate(again, NOW + 200 * DAY, DAY).all).toHaveLength(2);
  });

  it('is the same after it was written down, and a bare secret of before is read', () => {
    expect(readSecrets(writeSecrets(rotated))).toEqual(rotated);
    expect(readSecrets(first)).toEqual(onlySecret(first));
    expect(() => readSecrets('[]')).toThrow();
    expect(() => readSecrets('[{"value":"short","from":0,"until":null}]')).toThrow();
  });
});

it('a file of lines: the first signs, all are believed', () => {
  const secrets = secretsOfLines(`${second}\n\n  ${first}\n`);
  expect(valuesAt(secrets, NOW)).toEqual([second, first]);
  expect(() => secretsOfLines('\n')).toThrow(RangeError);
  expect(() => secretsOfLines(`${first}\nshort`)).toThrow(RangeError);
});

it('[PROC6] [REQ7] a token of the earlier secret is believed and to be replaced; afterwards it is refused', async () => {
  const claim = { author: newId(), site: 'demo' };
  const old = await createTokens(() => onlySecret(first)).issueGuest(claim);
  const now = Date.now();
  const during = createTokens(() => ({
    all: [
      { value: first, from: 0, until: now + DAY },
      { value: second, from: now - DAY, until: null },
    ],
  }));
  expect(await during.verify(old, 'demo')).toEqual({ author: claim.author, renew: true });
  const fresh = await during.issueGuest(claim);
  expect(await during.verify(fresh, 'demo')).toEqual({ author: claim.author, renew: false });
  const after = createTokens(() => ({
    all: [
      { value: first, from: 0, until: now - 1 },
      { value: second, from: now - DAY, until: null },
    ],
  }));
  await expect(after.verify(old, 'demo')).rejects.toMatchObject({ code: 'token_invalid' });
  expect(await after.verify(fresh, 'demo')).toMatchObject({ author: claim.author });
});
