// Reads the text of a backup, trusting nothing in it. Owns cutting it into its parts, in bounded memory, and checking that
// it is whole: every count, and the checksum at its end.
import { createHash } from 'node:crypto';
import { BackupError, copyFrom, END_OF_ROWS, type Header, readFirstLine, readLastLine, rowsIn } from './format.js';
import type { Schema, TableShape } from './schemas.js';

export interface ReadTable {
  shape: TableShape;
  /** To be read to its end before the next table. Throws a BackupError. */
  rows: AsyncIterable<Buffer>;
}

export interface ReadBackup {
  header: Header;
  schema: Schema;
  /** The last step of it checks the whole. */
  tables: AsyncIterable<ReadTable>;
}

const LINE_BYTES_MAX = 64 * 1024;
/** Far above what any row of ours can be. */
const ROW_BYTES_MAX = 16 * 1024 * 1024;
const MARK = Buffer.from(`\n${END_OF_ROWS}`);
const EMPTY = Buffer.alloc(0);

/** Throws a BackupError, here or from `tables`, where the text is not a whole backup that this program can read. */
export async function readBackup(pieces: AsyncIterable<Buffer>, schemas: readonly Schema[]): Promise<ReadBackup> {
  const text = new Text(pieces);
  const header = readFirstLine(await text.line());
  const schema = schemas.find(({ tag }) => tag === header.schema);
  if (!schema) {
    throw new BackupError(
      'newer',
      `It was made by Afterword ${JSON.stringify(header.version)}, whose tables this version does not know (${JSON.stringify(header.schema)}). Use that version or a later one.`,
    );
  }
  const names = header.tables.map(({ name }) => name).join();
  if (names !== schema.tables.map(({ name }) => name).join())
    throw new BackupError('damaged', 'Its tables are not those of its version.');
  return { header, schema, tables: tablesOf(text, header, schema) };
}

async function* tablesOf(text: Text, header: Header, schema: Schema): AsyncGenerator<ReadTable> {
  for (const [n, shape] of schema.tables.entries()) {
    if ((await text.line()) !== copyFrom(shape))
      throw new BackupError('damaged', `It is damaged before the table ${shape.name}.`);
    const counted = { rows: 0 };
    yield { shape, rows: text.rows(counted) };
    const { rows } = header.tables[n]!;
    if (counted.rows !== rows)
      throw new BackupError('damaged', `Of ${rows} rows of ${shape.name} it holds ${counted.rows}.`);
  }
  const sha256 = text.digest();
  if (readLastLine(await text.line()) !== sha256)
    throw new BackupError('damaged', 'Its checksum does not fit its content.');
  if (!(await text.isOver())) throw new BackupError('damaged', 'Something stands behind its end.');
}

class Text {
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #hash = createHash('sha256');
  #held: Buffer = EMPTY;
  #digested = false;

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** With its end. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#held.indexOf(10) + 1;
      if (end > 0) return this.#take(end).toString('utf8');
      if (this.#held.length > LINE_BYTES_MAX) throw new BackupError('not_a_backup', 'It is not a backup of Afterword.');
      await this.#more();
    }
  }

  /** Everything up to the mark behind the last row, in pieces; counts the rows as it goes. */
  async *rows(counted: { rows: number }): AsyncGenerator<Buffer> {
    while (this.#held.length < END_OF_ROWS.length) await this.#more();
    if (this.#held.indexOf(END_OF_ROWS) === 0) return void this.#take(END_OF_ROWS.length);
    let open = 0;
    for (;;) {
      const at = this.#held.indexOf(MARK);
      // A mark may lie across two pieces.
      const size = at >= 0 ? at + 1 : Math.max(0, this.#held.length - MARK.length + 1);
      if (size > 0) {
        const piece = this.#take(size);
        counted.rows += rowsIn(piece);
        const last = piece.lastIndexOf(10);
        open = last >= 0 ? piece.length - last : open + piece.length;
        if (open > ROW_BYTES_MAX) throw new BackupError('damaged', 'It holds a row without end.');
        yield piece;
      }
      if (at >= 0) return void this.#take(END_OF_ROWS.length);
      await this.#more();
    }
  }

  /** Of all that was taken so far. */
  digest(): string {
    this.#digested = true;
    return this.#hash.digest('hex');
  }

  async isOver(): Promise<boolean> {
    return this.#held.length === 0 && (await this.#next()) === null;
  }

  #take(size: number): Buffer {
    const taken = this.#held.subarray(0, size);
    this.#held = this.#held.subarray(size);
    if (!this.#digested) this.#hash.update(taken);
    return taken;
  }

  async #more(): Promise<void> {
    const piece = await this.#next();
    if (piece === null) throw new BackupError('cut_off', 'It is cut off: its end is missing.');
    this.#held = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece]);
  }

  async #next(): Promise<Buffer | null> {
    const { done, value } = await this.#pieces.next();
    return done === true ? null : value;
  }
}
