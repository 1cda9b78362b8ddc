// What is asked of a browser of another engine than Chromium's: tabs that show a page, run something in it, are pressed and
// typed into. How that is said to one is `firefox.ts`'s and `webkit.ts`'s.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { until } from '../support/until.js';

export interface Tab {
  open(url: string): Promise<void>;
  /** Runs the body of a function in the page; what it returns must be JSON. */
  run(body: string): Promise<unknown>;
  /** With the mouse, at a point of the window. */
  press(x: number, y: number): Promise<void>;
  type(text: string): Promise<void>;
  close(): Promise<void>;
}

export interface Engine {
  /** With its version. */
  name: string;
  tab(): Promise<Tab>;
  end(): Promise<void>;
}

/** The first of these that is there; throws naming what to install. */
export function findBrowser(places: readonly string[], packages: string): string {
  const found = places.find((place) => existsSync(place));
  if (!found) throw new Error(`None of ${places.join(', ')} is there. On Debian: apt-get install ${packages}`);
  return found;
}

export interface Program {
  /** What it says, until it has said this. Rejects where it ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  end(): Promise<void>;
}

export function startProgram(path: string, args: readonly string[], env: Record<string, string> = {}): Program {
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const ended = once(child, 'exit');
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return {
    until: async (pattern) => {
      await until(() => pattern.test(said) || child.exitCode !== null, `${path} to say ${pattern}`, {
        withinMs: 60_000,
      });
      const found = pattern.exec(said);
      if (!found) throw new Error(`${path} ended: ${said.slice(-2_000)}`);
      return found;
    },
    end: async () => {
      child.kill();
      await ended;
    },
  };
}

/** A press with the mouse and a typed text, as both protocols want them (https://w3c.github.io/webdriver/#actions). */
export function pointerAt(x: number, y: number): object {
  const actions = [
    { type: 'pointerMove', x: Math.round(x), y: Math.round(y) },
    { type: 'pointerDown', button: 0 },
    { type: 'pointerUp', button: 0 },
  ];
  return { type: 'pointer', id: 'mouse', actions };
}

export function keysOf(text: string): object {
  const press = (value: string): object[] => [
    { type: 'keyDown', value },
    { type: 'keyUp', value },
  ];
  return { type: 'key', id: 'keys', actions: Array.from(text).flatMap(press) };
}
