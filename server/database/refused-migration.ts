// A migration that PostgreSQL refused, in words for the owner. Owns what to do about it.
import { describeAddress } from './address.js';
import { DatabaseStartError } from './start-error.js';

/** By SQLSTATE. */
const REMEDIES: Readonly<Record<string, string>> = {
  // insufficient_privilege
  '42501': 'Let its user make tables there: alter database NAME owner to USER, said by a superuser.',
  // read_only_sql_transaction
  '25006': 'It answers questions only, as a replica does: name the primary.',
  // disk_full
  '53100': 'Make room on its disk, and start again.',
};

/** Any other error as it is. */
export function inWords(error: unknown, url: string): unknown {
  if (!(error instanceof Error) || error.name !== 'PostgresError') return error;
  return new DatabaseStartError('not_migrated', {
    happened: `The tables in ${describeAddress(url)} could not be brought to this version (${error.message}).`,
    kept: 'What was begun was undone; nothing that was stored is touched.',
    remedy: REMEDIES[(error as { code?: string }).code ?? ''] ?? 'Mend what it names, and start again.',
    cause: error,
  });
}
