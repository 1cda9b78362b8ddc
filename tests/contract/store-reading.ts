// Catching up, heads, threads, authors, settings.
import { expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { rank } from '../../server/threads/rank.js';
import { author, SITE, type Bench } from './store-bench.js';
import { STANDARD_RULES } from '../../server/sites/rules.js';

export function readingContract(use: () => Bench): void {
  it('[SEQ4] what changed after a seq comes as rows where text or state did, as counters elsewhere', async () => {
    const bench = use();
    const { store } = bench;
    const { id } = await bench.thread();
    const [a, b, c] = [await bench.write(id), await bench.write(id), await bench.write(id)];
    await store.choose(a.id, [{ authorId: bench.ben.id, value: 1 }], rank); // 4
    await store.editReply(b.id, 1, { body: 'new', html: '<p>new</p>', renderer: 1 }); // 5
    await bench.write(id, { parentId: c.id }); // 6
    await store.choose(b.id, [{ authorId: bench.ben.id, value: -1 }], rank); // 7

    const seen = async (from: number) => {
      const { change } = (await store.changes(id, from, 100))!;
      expect(change).toMatchObject({ from, to: 7, thread: { id, head: 7 } });
      return {
        rows: change!.rows.map(({ seq, bodySeq, born }) => `${seq}/${bodySeq}/${born}`),
        counters: change!.counters.map(({ seq }) => seq),
      };
    };
    // Rows as `seq / bodySeq / born`; a is at 4, b at 7, c at 6, the child of c at 6.
    expect(await seen(7)).toEqual({ rows: [], counters: [] });
    expect(await seen(6)).toEqual({ rows: [], counters: [7] });
    expect(await seen(5)).toEqual({ rows: ['6/6/6'], counters: [6, 7] });
    expect(await seen(4)).toEqual({ rows: ['6/6/6', '7/5/2'], counters: [6] });
    expect(await seen(0)).toMatchObject({ counters: [] });
    expect((await seen(0)).rows.toSorted()).toEqual(['4/1/1', '6/3/3', '6/6/6', '7/5/2']);
  });

  it('[SEQ4] a range with more rows than the limit is told by its head alone, never cut', async () => {
    const bench = use();
    const { id } = await bench.thread();
    await bench.roots(id, 12);
    expect((await bench.store.changes(id, 0, 12))?.change?.rows).toHaveLength(12);
    expect(await bench.store.changes(id, 0, 11)).toMatchObject({ thread: { head: 12 }, change: null });
    expect((await bench.store.changes(id, 1, 11))?.change?.rows).toHaveLength(11);
  });

  it('[SEQ6] a cursor ahead of the head finds nothing and the head', async () => {
    const bench = use();
    const { id } = await bench.thread();
    await bench.write(id);
    expect(await bench.store.changes(id, 99, 10)).toMatchObject({ thread: { head: 1 }, change: { rows: [] } });
    expect(await bench.store.changes(newId(), 0, 10)).toBeNull();
  });

  it('a new thread is empty, and what does not exist is null', async () => {
    const bench = use();
    const { id } = await bench.thread();
    expect(await bench.store.changes(id, 0, 10)).toMatchObject({ thread: { head: 0 }, change: { from: 0, to: 0 } });
    const first = await bench.store.firstPage(id, 'best', 20);
    expect(first).toMatchObject({ thread: { id, head: 0, count: 0 }, page: { rows: [], next: null } });
    expect(await bench.store.firstPage(newId(), 'best', 20)).toBeNull();
    expect(await bench.store.thread(newId())).toBeNull();
    expect(await bench.store.findThread(SITE, newId())).toBeNull();
  });

  it('[REQ4] a thread is opened once: afterwards it is the one that is there', async () => {
    const { store } = use();
    const key = `https://example.com/${newId()}?q=ä`;
    const given = { id: newId(), epoch: newId(), siteId: SITE, key, url: 'https://example.com/', title: 'Über “it”' };
    const opened = await store.openThread(given);
    expect(opened).toEqual({ ...given, state: 'open', head: 0, infoSeq: 0, count: 0, roots: 0 });
    expect(await store.openThread({ ...given, id: newId(), epoch: newId(), url: null, title: null })).toEqual(opened);
    expect(await store.findThread(SITE, key)).toEqual(opened);
    expect(await store.thread(given.id)).toEqual(opened);
  });

  it('heads and counts are told for those that are there', async () => {
    const bench = use();
    const [one, two] = [await bench.thread(), await bench.thread()];
    const reply = await bench.write(one.id);
    await bench.write(one.id);
    await bench.store.removeReply(reply.id, 60);
    const heads = await bench.store.heads([one.id, newId(), two.id]);
    expect(heads.toSorted((a, b) => b.head - a.head)).toEqual([
      { id: one.id, epoch: one.epoch, head: 3 },
      { id: two.id, epoch: two.epoch, head: 0 },
    ]);
    expect(await bench.store.heads([])).toEqual([]);
    const counts = await bench.store.counts(SITE, [one.key, two.key, 'nothing']);
    expect(counts).toEqual(
      new Map([
        [one.key, 1],
        [two.key, 0],
      ]),
    );
    expect(await bench.store.counts('another', [one.key])).toEqual(new Map());
  });

  it('[SEQ7] a reply keeps the name that it was written under', async () => {
    const bench = use();
    const { id } = await bench.thread();
    const person = author('Before');
    await bench.store.putAuthor(person);
    const reply = await bench.write(id, { author: person });
    await bench.store.putAuthor({ ...person, name: 'After' });
    expect(await bench.store.author(person.id)).toEqual({ ...person, name: 'After' });
    expect(await bench.store.reply(reply.id)).toMatchObject({ authorName: 'Before', seq: 1 });
    expect(await bench.store.author(newId())).toBeNull();
  });

  it('sites are found by their id', async () => {
    const { store } = use();
    expect(await store.site(SITE)).toEqual({
      id: SITE,
      name: 'Contract',
      ownerName: null,
      origins: [],
      rules: STANDARD_RULES,
    });
    expect(await store.site('nobody')).toBeNull();
  });

  it('a setting has the value of its first use, on every node', async () => {
    const { store, other } = use();
    const name = newId();
    expect(await store.setting(name, () => 'one')).toBe('one');
    expect(await other.setting(name, () => 'two')).toBe('one');
  });
}
