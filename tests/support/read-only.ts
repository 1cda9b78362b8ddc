// Runs a command on a system where nothing but one folder can be written, as a user that is not root: what containers and
// systemd give a server.
import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';

import { leaveOut } from './left-out.js';

const NOBODY = 65_534;
const EVERYTHING = 'a system that is read-only but for the data folder';
export const isRoot = process.getuid?.() === 0;

/**
 * What to put before the command. `writable` must exist; it is given to the user. Only root can make the rest read-only;
 * that it is gets checked before the command begins (exit code 99). Where it can't be, that is left out, and said.
 */
export function readOnly(writable: string): string[] {
  if (!isRoot) {
    leaveOut(EVERYTHING, 'only root can mount it anew');
    return [];
  }
  chownSync(writable, NOBODY, NOBODY);
  const drop = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--no-new-privs'];
  // Not everywhere root may mount; what belongs to root can not be written by others anyway.
  if (spawnSync('unshare', ['-m', 'true']).status !== 0) {
    leaveOut(EVERYTHING, 'unshare may not make a mount namespace');
    return drop;
  }
  const closed =
    'mount --bind "$0" "$0"; mount -o remount,bind,ro /; ! touch /tmp/.written 2>/dev/null || exit 99; exec "$@"';
  return ['unshare', '-m', 'sh', '-ec', closed, writable, ...drop];
}
