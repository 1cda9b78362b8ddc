// Every store under its contract: the one on PostgreSQL, and the one that simulations run on.
import { sites } from '../../drizzle/schema.js';
import { connect } from '../../server/database/connect.js';
import { PostgresStore } from '../../server/store/postgres.js';
import { createTestDatabase } from '../support/database.js';
import { MemoryStore } from '../support/memory-store/store.js';
import { storeContract } from './store.js';

storeContract('on PostgreSQL', async () => {
  const database = await createTestDatabase();
  const second = connect({ url: database.url });
  return {
    store: new PostgresStore(database),
    other: new PostgresStore(second),
    addSite: async (site) => {
      await database.db.insert(sites).values(site);
    },
    end: async () => {
      await second.close();
      await database.drop();
    },
  };
});

storeContract('in memory', async () => {
  const store = new MemoryStore(() => Date.now());
  return {
    store,
    other: store,
    addSite: async (site) => void store.sites.set(site.id, site),
    end: async () => {},
  };
});
