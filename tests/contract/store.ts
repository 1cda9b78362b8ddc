// The contract of every store (server/store/store.ts), as tests. The rules stand in the parts, by what they are about.
import { afterAll, beforeAll, describe } from 'vitest';

import { Bench, SITE, type StoreUnderTest } from './store-bench.js';
import { concurrencyContract } from './store-concurrency.js';
import { pagingContract } from './store-paging.js';
import { readingContract } from './store-reading.js';
import { removingContract } from './store-removing.js';
import { takingPartContract } from './store-taking-part.js';
import { writingContract } from './store-writing.js';
import { STANDARD_RULES } from '../../server/sites/rules.js';

export function storeContract(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`the store contract, ${name}`, () => {
    let made: StoreUnderTest;
    let bench: Bench;
    beforeAll(async () => {
      made = await make();
      bench = new Bench(made);
      await made.addSite({ id: SITE, name: 'Contract', ownerName: null, origins: [], rules: STANDARD_RULES });
      for (const person of [bench.ana, bench.ben]) await made.store.putAuthor(person);
    });
    afterAll(() => made.end());

    const use = (): Bench => bench;
    describe('writing', () => writingContract(use));
    describe('editing, removing, voting', () => removingContract(use));
    describe('taking part', () => takingPartContract(use));
    describe('reading', () => readingContract(use));
    describe('paging', () => pagingContract(use));
    describe('several at once', () => concurrencyContract(use));
  });
}
