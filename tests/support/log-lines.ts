// What a server's log says, line by line.
import type { ServerProcess } from './server-process.js';

/** The levels at which it has said what matches, in order. */
export function toldBy(server: ServerProcess, message: RegExp): string[] {
  return server
    .errors()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as { level: string; msg?: string })
    .filter(({ msg }) => msg !== undefined && message.test(msg))
    .map(({ level }) => level);
}
