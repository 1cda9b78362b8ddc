// Needs: openssl
// A sign-in page in front of an encrypted server: nobody but the browser sees its certificate, and to a page it is no line.
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../../shared/ids.js';
import { sitsOut } from '../../support/bad-lines.js';
import { openPortal } from '../../support/portal.js';
import { makeCertificate } from '../../support/services/openssl.js';
import { World } from '../../support/widget.js';

let folder: string;
let site: { cert: Buffer; key: Buffer };
let portal: { cert: Buffer; key: Buffer };
let world: World;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'afterword-certificates-'));
  [site, portal] = [0, 1].map(() => {
    const { certificate, key } = makeCertificate(folder);
    return { cert: readFileSync(certificate), key: readFileSync(key) };
  }) as [typeof site, typeof portal];
  // As if an authority had signed the site's, and not the portal's.
  const known = new X509Certificate(site.cert).publicKey.export({ type: 'spki', format: 'der' });
  const hash = createHash('sha256').update(known).digest('base64');
  world = await World.make({}, [`--ignore-certificate-errors-spki-list=${hash}`]);
});
afterEach(() => world.readers.done());
afterAll(async () => {
  await world.end();
  await rm(folder, { recursive: true });
});

it('[CUR5] [PAGE4] a sign-in page with a certificate of its own is no line: what is written is kept, and sent once behind it', async () => {
  const thread = newId();
  await world.write(thread, [{ body: 'Before' }]);
  const hotel = await openPortal(world.app.port, { secure: { site, portal } });
  try {
    const { page } = await world.readers.open(world.article({ thread, server: hotel.url }), {
      allow: [/^console: Failed to load resource: net::ERR_/, /^console: WebSocket connection to '\S+' failed/],
    });
    await sitsOut(world, page, thread, hotel, hotel.refused);
    // Not one request got as far as to be read there.
    expect(hotel.sentOn()).toBe(0);
  } finally {
    await hotel.close();
  }
}, 60_000);
