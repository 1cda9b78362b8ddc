// One connected line to Redis (or Valkey), alone or as a cluster: from an address to channels that are heard and spoken
// on. Owns finding out what the server can do and where each channel lives. Never mends itself: whatever goes wrong ends
// the line, and whoever holds it opens another, which looks at everything afresh.
import { createClient, type RedisClientType } from '@redis/client';

type Client = RedisClientType<{}, {}, {}, 2>;

export interface RedisLine {
  /** Rejects where it did not get through; the line is lost then. */
  publish(channel: string, text: string): Promise<void>;
  /** Resolves with the reason when the line is gone. */
  lost: Promise<Error>;
  close(): void;
}

export interface RedisLineOptions {
  /** `redis://` or `rediss://`; of a cluster, any of its nodes. */
  url: string;
  channels: readonly string[];
  heard(text: string): void;
  /** Said on every channel first: who may hear but not speak finds out at once, and not with each hint. */
  greeting: string;
}

/** Two of the server's connections: one hears and one speaks, so that what is heard never waits for what is said. */
interface Place {
  hearing: Client;
  speaking: Client;
}

const CONNECT_MS = 2_000;
/** A line that swallows everything is found within twice this time: pings go out this often and must be answered in it. */
const PING_MS = 3_000;

/** Resolves when every channel is heard. Rejects where the server can't be reached, refuses us, or moves meanwhile. */
export async function openRedisLine({ url, channels, heard, greeting }: RedisLineOptions): Promise<RedisLine> {
  const clients: Client[] = [];
  const places = new Map<string, Place>();
  let fail!: (error: Error) => void;
  const lost = new Promise<Error>((resolve) => {
    fail = resolve;
  });

  const dial = async (address: string): Promise<Client> => {
    const client: Client = createClient({
      url: address,
      // The older protocol: every version of the server speaks it.
      RESP: 2,
      disableOfflineQueue: true,
      maintNotifications: 'disabled',
      socket: { reconnectStrategy: false, connectTimeout: CONNECT_MS },
    });
    clients.push(client);
    client.on('error', fail);
    // The slot of the channel went to another node of the cluster.
    client.on('sharded-channel-moved', () => fail(new Error('a channel moved to another node of the cluster')));
    // What the client does about a time here ends with the dialling: whoever accepts may still say nothing.
    await answered(client.connect());
    return client;
  };
  const place = async (address: string): Promise<Place> => {
    const known = places.get(address);
    if (known) return known;
    const made = { speaking: await dial(address), hearing: await dial(address) };
    places.set(address, made);
    return made;
  };
  const pings = setInterval(() => {
    Promise.all(clients.map((client) => answered(client.ping()))).catch(fail);
  }, PING_MS).unref();
  const close = (): void => {
    clearInterval(pings);
    for (const client of clients) if (client.isOpen) client.destroy();
    fail(new Error('closed'));
  };

  try {
    const { speaking } = await place(url);
    const addresses = await addressesOf(speaking, url, channels);
    const homes = new Map<string, Place>();
    for (const [channel, address] of addresses) homes.set(channel, await place(address));
    const sharded = await hear(homes, heard);
    const publish = async (channel: string, text: string): Promise<void> => {
      const { speaking: client } = homes.get(channel)!;
      try {
        await answered(sharded ? client.sPublish(channel, text) : client.publish(channel, text));
      } catch (error) {
        fail(error as Error);
        throw error;
      }
    };
    await Promise.all(channels.map((channel) => publish(channel, greeting)));
    return { publish, lost, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Hears every channel; whether as sharded channels (Redis 7 and Valkey), which a server that is older doesn't know. */
async function hear(homes: ReadonlyMap<string, Place>, heard: (text: string) => void): Promise<boolean> {
  const all = (subscribe: (client: Client, channel: string) => Promise<void>): Promise<unknown> =>
    Promise.all([...homes].map(([channel, { hearing }]) => answered(subscribe(hearing, channel))));
  try {
    await all((client, channel) => client.sSubscribe(channel, heard));
    return true;
  } catch (error) {
    if (!/unknown command/i.test((error as Error).message)) throw error;
    await all((client, channel) => client.subscribe(channel, heard));
    return false;
  }
}

/** Where each channel lives: at the given address, or at the node of the cluster that owns its slot. */
async function addressesOf(client: Client, url: string, channels: readonly string[]): Promise<[string, string][]> {
  // A server on its own answers with an error; so does one that does not let us ask, and it is taken at its word.
  const slots = await answered(client.clusterSlots()).catch(() => null);
  if (!slots) return channels.map((channel) => [channel, url]);
  return await Promise.all(
    channels.map(async (channel): Promise<[string, string]> => {
      const slot = await answered(client.clusterKeySlot(channel));
      const range = slots.find(({ from, to }) => from <= slot && slot <= to);
      if (!range) throw new Error('the cluster has no node for a channel at the moment');
      return [channel, siblingAt(url, range.master)];
    }),
  );
}

/** The same address, credentials included, at another node. */
function siblingAt(address: string, { host, port }: { host: string; port: number }): string {
  const url = new URL(address);
  // A node that does not know its own name means the one that was asked.
  if (host) url.hostname = host.includes(':') ? `[${host}]` : host;
  url.port = String(port);
  return url.href;
}

async function answered<T>(reply: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PING_MS} ms`)), PING_MS);
  });
  try {
    return await Promise.race([reply, late]);
  } finally {
    clearTimeout(timer);
  }
}
