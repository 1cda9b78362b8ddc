// The contract of every store (server/store/store.ts), as tests. The rules stand in the parts, by what they are about.
import { afterAll, beforeAll, describe } from 'vitest';

import { Bench, SITE, type StoreUnderTest } from './store-bench.js';
import { choosingContract } from './store-choosing.js';
import { concurrencyContract } from './store-concurrency.js';
import { editingContract } from './store-editing.js';
import { findingContract } from './store-finding.js';
import { pagingContract } from './store-paging.js';
import { readingContract } from './store-reading.js';
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
    describe('editing and removing', () => editingContract(use));
    describe('choosing', () => choosingContract(use));
    describe('reading', () => readingContract(use));
    describe('finding', () => findingContract(use));
    describe('paging', () => pagingContract(use));
    describe('several at once', () => concurrencyContract(use));
  });
}
