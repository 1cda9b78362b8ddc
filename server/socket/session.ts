// What the server knows of one connected client.
import type { Socket } from 'socket.io';

import type { ClientToServer, ServerToClient } from '../../shared/protocol.js';
import type { Actor } from '../threads/policy.js';

export interface Session extends Actor {
  /** The client's address as far as our proxies can be believed: for limits only, never logged or stored. */
  address: string;
  /** The threads it has joined. */
  threads: Set<string>;
  /** The guest that it becomes with its first name. Two names at once are those of one guest (REQ7). */
  guest?: string;
  /** A token to be handed to the client with its next join (REQ7). */
  freshToken: string | null;
  /** Taken off the live lane until it has read what waits for it (PUMP4). */
  stale: boolean;
  /** Whether pushes may be written past the engine; see engine.ts. */
  direct: boolean;
}

export type ClientSocket = Socket<ClientToServer, ServerToClient, Record<string, never>, Session>;
