// For CI on Debian and its kin: installs the servers that tests run and this machine lacks, without letting their
// packages start them. Does nothing where all are there.
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { missingServices, SERVICES } from './services.mjs';

/** What a package asks before it starts its service; 101 forbids it. */
const POLICY = '/usr/sbin/policy-rc.d';

function apt(...args) {
  const command = process.getuid() === 0 ? ['apt-get'] : ['sudo', '-n', 'apt-get'];
  execFileSync(command[0], [...command.slice(1), '-qq', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

const packages = missingServices().flatMap((service) => SERVICES[service].packages);
if (packages.length > 0) {
  const forbid = process.getuid() === 0 && !existsSync(POLICY);
  if (forbid) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    apt('update');
    apt('install', '-y', '--no-install-recommends', ...packages);
  } catch (error) {
    process.stderr.write(`Could not install ${packages.join(', ')}: ${error.message}\n`);
  } finally {
    if (forbid) rmSync(POLICY);
  }
}
const missing = missingServices();
for (const service of missing) process.stderr.write(`${service} is missing: the tests that need it will fail.\n`);
