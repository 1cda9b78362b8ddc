// Dockerfile, compose.yaml and the systemd unit: that they fit what is there, and let go of every right that is not needed.
// No engine is asked here; that the server runs so is tests/integration/installed.test.ts's.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { describeVariables } from '../../server/config.js';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const variables = describeVariables().map(({ name }) => name);
const OTHERS = ['NODE_ENV'];
const { files } = JSON.parse(read('package.json')) as { files: string[] };

describe('the Dockerfile', () => {
  const instructions = read('Dockerfile')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => /^(\w+) (.*)$/.exec(line)!.slice(1) as [string, string]);
  const stages = instructions.map(([, value], i) => ({ i, value })).filter(({ i }) => instructions[i]![0] === 'FROM');
  const last = instructions.slice(stages.at(-1)!.i);
  const all = (name: string): string[] => last.filter(([is]) => is === name).map(([, value]) => value);

  it('builds on one Node for all stages, on Debian, whose glibc the embedded database needs', () => {
    expect(stages.length).toBe(3);
    for (const { value } of stages) expect(value).toMatch(/^node:24-bookworm-slim(?: AS \w+)?$/);
  });

  it('runs as a user that is not root, stops by a signal that reaches Node, and tells its health', () => {
    expect(all('USER')).toEqual(['1000:1000']);
    expect(all('STOPSIGNAL')).toEqual(['SIGTERM']);
    for (const [name, value] of last) {
      if (name === 'ENTRYPOINT' || name === 'CMD') expect(JSON.parse(value)).toBeInstanceOf(Array);
    }
    const [, check] = /CMD (\[.*\])$/.exec(all('HEALTHCHECK')[0]!)!;
    expect(JSON.parse(check!)).toEqual(['node', '-e', expect.stringContaining('/healthz')]);
  });

  it('sets variables that there are', () => {
    const names = [...all('ENV')[0]!.matchAll(/(\w+)=/g)].map(([, name]) => name!);
    expect(names).toContain('AFTERWORD_DATA_DIR');
    for (const name of names) expect([...variables, ...OTHERS]).toContain(name);
  });

  it('holds all that the package holds to run', () => {
    const copied = all('COPY').flatMap((line) =>
      line
        .replace(/^--from=\w+ /, '')
        .split(' ')
        .slice(0, -1),
    );
    const held = copied.map((path) => path.replace('/app/', ''));
    for (const file of files.filter((name) => !/\.md$|^docs|custom-elements/.test(name))) expect(held).toContain(file);
    for (const file of held) if (!/^(?:dist|node_modules)$/.test(file)) expect(existsSync(join(root, file))).toBe(true);
  });

  it('sends to the engine what the build needs, and nothing else', () => {
    const sent = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const configs = readdirSync(root).filter((name) => /^vite\..*\.config\.ts$/.test(name));
    expect(sent).toContain('vite.*.config.ts');
    expect(configs.length).toBe(3);
    for (const file of sent) if (!file.includes('*')) expect(existsSync(join(root, file)), file).toBe(true);
    for (const secret of ['data', '.git', '.env', 'node_modules']) expect(sent).not.toContain(secret);
  });
});

interface Service {
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  user?: string;
  ports?: string[];
  volumes?: string[];
  networks: string[];
  environment?: Record<string, string>;
  healthcheck?: unknown;
  image: string;
  depends_on?: Record<string, { condition: string }>;
  stop_grace_period?: string;
}

describe('compose.yaml', () => {
  const { services, networks, volumes } = parse(read('compose.yaml'), { merge: true }) as {
    services: Record<string, Service>;
    networks: Record<string, { internal?: boolean }>;
    volumes: Record<string, unknown>;
  };

  it.each(Object.keys(services))('gives %s a read-only system, no capability, no root and a version', (name) => {
    const service = services[name]!;
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    // The image of ours says it itself, as it does its health.
    if (name !== 'afterword') {
      expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
      expect(service.healthcheck).toBeDefined();
      expect(service.image).toMatch(/:\d+-bookworm$/);
      expect(service.networks).toEqual(['inside']);
    }
    for (const network of service.networks) expect(networks).toHaveProperty(network);
    for (const volume of service.volumes ?? []) expect(volumes).toHaveProperty(volume.split(':')[0]!);
  });

  it('opens one port, to this machine alone', () => {
    expect(Object.values(services).flatMap(({ ports = [] }) => ports)).toEqual(['127.0.0.1:3000:3000']);
    expect(networks['inside']).toEqual({ internal: true });
  });

  it('starts the server when the others are well, with variables that there are', () => {
    const { environment, depends_on: after, stop_grace_period: grace } = services['afterword']!;
    for (const name of Object.keys(environment!)) expect(variables).toContain(name);
    expect(after).toEqual({ postgres: { condition: 'service_healthy' }, valkey: { condition: 'service_healthy' } });
    expect(Number.parseInt(grace!, 10)).toBeGreaterThan(15);
  });

  it('holds no secret', () => {
    expect(read('compose.yaml')).not.toMatch(/PASSWORD: (?!\$\{)|:\/\/\w+:(?!\$\{)\w+@/);
  });
});

describe('docs/afterword.service', () => {
  const unit = read('docs/afterword.service');
  const all = (key: string): string[] =>
    [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value!);

  it('starts what the package has, with variables that there are', () => {
    expect(all('ExecStart')).toEqual(['/usr/bin/node /opt/afterword/node_modules/afterword/tools/afterword.mjs start']);
    expect(existsSync(join(root, 'tools/afterword.mjs'))).toBe(true);
    const names = [...all('Environment')[0]!.matchAll(/(\w+)=/g)].map(([, name]) => name!);
    for (const name of names) expect([...variables, ...OTHERS]).toContain(name);
  });

  it('waits longer than the server takes to end, and lets it write its own folder only', () => {
    expect(Number(all('TimeoutStopSec')[0])).toBeGreaterThan(15);
    expect(all('ProtectSystem')).toEqual(['strict']);
    expect(all('StateDirectory')).toEqual(['afterword']);
    expect(all('DynamicUser')).toEqual(['yes']);
    expect(all('CapabilityBoundingSet')).toEqual(['']);
  });
});
