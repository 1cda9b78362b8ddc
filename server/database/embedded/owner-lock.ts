// One instance for each data folder. Owns the proof that this process is that instance; knows nothing of the database.
//
// Why not PostgreSQL's own pid file: it tells whether a server is alive, not whether the process that started it is, and
// a server whose starter is gone must be ended, while one whose starter lives must be left alone. Why sockets: the system
// closes them however a process ends, they work across containers that share a folder, and Node has no file locks.
//
// How two that start at once can't both win: each first listens under a name of its own, and only then looks who else
// listens. Of any two, the one that looked later saw the other. Names are never used twice, so that removing one that
// answers no more can't take a living one away. Candidates that see each other step back and try again, each after a
// pause of its own.
import { randomBytes } from 'node:crypto';
import { chmodSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { codeOf, DatabaseStartError, NOTHING_CHANGED } from '../start-error.js';

export interface OwnerLock {
  release: () => void;
}

type Standing = 'owner' | 'candidate' | 'gone';

const SUFFIX = '.sock';
const ATTEMPTS = 20;
const LONGEST_PAUSE_MS = 200;
/** One that accepts but doesn't speak is stopped or very busy: it still owns the folder. */
const ANSWER_MS = 1_000;
/** One that hangs up without a word is just dying, and the system has not closed its socket yet. */
const ASK_AGAIN_MS = 20;

/** Throws `in_use` where another living process holds `folder`; `data` is its name for people. */
export async function takeOwnership(folder: string, data: string): Promise<OwnerLock> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const mine = await stand(folder);
    const others = await standings(folder, mine.name);
    if (others.length === 0) {
      mine.standing = 'owner';
      return { release: () => leave(mine) };
    }
    leave(mine);
    if (others.includes('owner')) break;
    await pause(Math.random() * LONGEST_PAUSE_MS);
  }
  throw new DatabaseStartError('in_use', {
    happened: `Another running instance uses the data folder ${data}.`,
    kept: NOTHING_CHANGED,
    remedy:
      'Stop that one first, or give this one a folder of its own (AFTERWORD_DATA_DIR). ' +
      'Several instances can share one database only through DATABASE_URL.',
  });
}

interface Candidate {
  name: string;
  file: string;
  server: Server;
  standing: Standing;
}

/** Starts to listen. The name appears when it answers: before, it could be taken for one that is gone. */
async function stand(folder: string): Promise<Candidate> {
  const name = randomBytes(4).toString('hex') + SUFFIX;
  const file = path.join(folder, name);
  const unready = path.join(folder, name.slice(0, -SUFFIX.length));
  const candidate: Candidate = { name, file, server: createServer(), standing: 'candidate' };
  candidate.server.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.end(candidate.standing);
  });
  await new Promise<void>((resolve, reject) => {
    candidate.server.once('error', (cause) => reject(unusable(folder, cause)));
    candidate.server.listen(unready, resolve);
  });
  candidate.server.unref();
  // The folder is private already; the socket must also answer root, and root's must answer the folder's owner.
  chmodSync(unready, 0o666);
  renameSync(unready, file);
  return candidate;
}

function unusable(folder: string, cause: Error): DatabaseStartError {
  return new DatabaseStartError('socket_folder_unusable', {
    happened: `No socket can be made in ${folder} (${codeOf(cause) ?? cause.message}).`,
    kept: NOTHING_CHANGED,
    remedy: 'Some shared and network folders take none: choose another with AFTERWORD_DATA_DIR, or set DATABASE_URL.',
    cause,
  });
}

function leave(candidate: Candidate): void {
  rmSync(candidate.file, { force: true });
  candidate.server.close();
}

/** What the others are who still live; the names of those who don't are removed. */
async function standings(folder: string, mine: string): Promise<Standing[]> {
  const names = readdirSync(folder).filter((name) => name.endsWith(SUFFIX) && name !== mine);
  const all = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      const standing = await ask(file);
      if (standing === 'gone') rmSync(file, { force: true });
      return standing;
    }),
  );
  return all.filter((standing) => standing !== 'gone');
}

async function ask(file: string): Promise<Standing> {
  for (;;) {
    const answer = await askOnce(file);
    if (answer !== 'dying') return answer;
    await pause(ASK_AGAIN_MS);
  }
}

function askOnce(file: string): Promise<Standing | 'dying'> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(file);
    socket.setTimeout(ANSWER_MS, () => {
      resolve('owner');
      socket.destroy();
    });
    socket.on('data', (bytes) => {
      answer += String(bytes);
    });
    socket.on('error', (error) => {
      const code = codeOf(error);
      // Any other failure to ask, EACCES for example, is no proof that nobody is there.
      resolve(code === 'ECONNREFUSED' || code === 'ENOENT' ? 'gone' : code === 'ECONNRESET' ? 'dying' : 'owner');
    });
    socket.on('close', () => resolve(answer === 'owner' || answer === 'candidate' ? answer : 'dying'));
  });
}
