// The pool, the migrations and the tests' own databases.
import { expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.js';

test('a test database is migrated and empty', async () => {
  const database = await createTestDatabase();
  try {
    expect(await database.sql`select * from replies`).toHaveLength(0);
  } finally {
    await database.drop();
  }
});
