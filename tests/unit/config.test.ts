import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import proxyaddr from '@fastify/proxy-addr';
import { ConfigError, configTable, LOG_LEVELS, parseConfig } from '../../server/config.js';
import { proxyTrust } from '../../server/proxy-trust.js';

/** What is wrong with this environment. */
function problems(env: Record<string, string>): readonly string[] {
  try {
    parseConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems;
  }
  return [];
}

describe('the configuration', () => {
  it('of an empty environment is that of a first start, and can not be changed', () => {
    const config = parseConfig({});
    expect(config).toEqual({
      port: 3_000,
      host: '127.0.0.1',
      publicUrl: null,
      databaseUrl: null,
      databaseDirectUrl: null,
      redisUrl: null,
      dataDir: resolve('data'),
      secret: null,
      secretFile: null,
      rateLimits: true,
      trustProxy: false,
      logLevel: 'info',
      poolSize: 10,
      drainSeconds: 5,
      metricsPort: null,
      metricsHost: '127.0.0.1',
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes every variable', () => {
    const env = {
      PORT: '0',
      HOST: '::',
      PUBLIC_URL: 'https://Talk.Example.com/',
      DATABASE_URL: 'postgresql://user:p%40ss@host:5432/db?sslmode=require',
      DATABASE_DIRECT_URL: 'postgres://direct/db',
      REDIS_URL: 'rediss://:pass@host:6379/0',
      AFTERWORD_DATA_DIR: '/var/lib/afterword',
      AFTERWORD_SECRET: 'x'.repeat(32),
      AFTERWORD_SECRET_FILE: '/run/secrets/afterword',
      AFTERWORD_RATE_LIMITS: 'off',
      AFTERWORD_TRUST_PROXY: '10.0.0.0/8, ::1,loopback',
      LOG_LEVEL: 'DEBUG',
      AFTERWORD_POOL_SIZE: '40',
      AFTERWORD_DRAIN_SECONDS: '0',
      AFTERWORD_METRICS_PORT: '9464',
      AFTERWORD_METRICS_HOST: '10.0.0.5',
    };
    expect(parseConfig(env)).toEqual({
      port: 0,
      host: '::',
      publicUrl: 'https://talk.example.com',
      databaseUrl: env.DATABASE_URL,
      databaseDirectUrl: env.DATABASE_DIRECT_URL,
      redisUrl: env.REDIS_URL,
      dataDir: '/var/lib/afterword',
      secret: env.AFTERWORD_SECRET,
      secretFile: '/run/secrets/afterword',
      rateLimits: false,
      trustProxy: ['10.0.0.0/8', '::1', 'loopback'],
      logLevel: 'debug',
      poolSize: 40,
      drainSeconds: 0,
      metricsPort: 9464,
      metricsHost: '10.0.0.5',
    });
  });

  it('takes a blank variable for an unset one, and looks past white space around a value', () => {
    expect(parseConfig({ PORT: '', DATABASE_URL: ' ', AFTERWORD_SECRET: '\t', HOST: undefined })).toEqual(
      parseConfig({}),
    );
    expect(parseConfig({ PORT: ' 8080\n' }).port).toBe(8_080);
  });

  it('says so where quotes became a part of a value', () => {
    for (const quote of ['"', "'"]) {
      const given = { DATABASE_URL: 'postgres://u:very-secret@h/d', AFTERWORD_DATA_DIR: '/data', PORT: '3000' };
      const quoted = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, quote + value + quote]));
      const found = problems(quoted);
      expect(found).toHaveLength(3);
      for (const one of found) expect(one).toMatch(/\. Take away the quotes around it\.$/);
      expect(found.join()).not.toContain('very-secret');
    }
    expect(problems({ AFTERWORD_DATA_DIR: "/home/o'neill/'data" })).toEqual([]);
  });

  it('leaves the variables of others alone', () => {
    expect(problems({ PATH: '/bin', PORTS: 'x', npm_config_port: 'x', afterword: 'x', HOSTNAME: 'x' })).toEqual([]);
  });

  const refused: Record<string, readonly string[]> = {
    PORT: ['-1', '65536', '3e3', '0x10', '80.5', 'http', '٣', '99999999999999999999'],
    HOST: ['a b', 'http://x', 'a/b', 'x'.repeat(300)],
    PUBLIC_URL: [
      'talk.example.com',
      '//talk.example.com',
      'ftp://x',
      'https://',
      'https://u:p@x',
      'https://x/?a',
      'https://x/#a',
      'https://x:99999',
    ],
    DATABASE_URL: [
      'mysql://u@h/d',
      'host/db',
      'postgres:/x',
      'postgres://h h/d',
      'postgres://u:p@h:port/d',
      'http://postgres://',
    ],
    REDIS_URL: ['http://h', 'h:6379', 'redis:'],
    AFTERWORD_DATA_DIR: ['a\0b'],
    AFTERWORD_SECRET: ['short', 'x'.repeat(31)],
    AFTERWORD_RATE_LIMITS: ['true', '0', 'no', 'of'],
    AFTERWORD_TRUST_PROXY: [
      'on',
      'true',
      '*',
      '0',
      '11',
      '-1',
      '1.5',
      '10.0.0.0/33',
      '10.0.0.300',
      '10.0.0.1;10.0.0.2',
      ',',
      'proxy.example',
    ],
    LOG_LEVEL: ['verbose', 'warning', '30'],
    AFTERWORD_POOL_SIZE: ['0', '1', '501', 'ten'],
    AFTERWORD_DRAIN_SECONDS: ['-5', '301', '5s'],
  };
  it.each(Object.entries(refused))('refuses what %s can not be, and says what it expects', (name, values) => {
    for (const value of values) {
      const found = problems({ [name]: value });
      expect(found, value).toHaveLength(1);
      expect(found[0], value).toMatch(new RegExp(`^${name} is .*: expected .+\\.$`));
    }
  });

  it('names every problem at once', () => {
    const env = { PORT: 'x', HOST: 'a b', AFTERWORD_POOL_SIZE: '0', AFTERWORD_SECRT: 'x', LOG_LEVEL: 'loud' };
    expect(problems(env)).toHaveLength(5);
    expect(() => parseConfig(env)).toThrow(/5 problems/);
    for (const name of Object.keys(env)) expect(() => parseConfig(env)).toThrow(name);
    expect(problems({ PORT: 'x' })[0]).toBe('PORT is "x": expected a whole number from 0 to 65535.');
  });

  it('never tells a secret, nor a control character', () => {
    const said = problems({
      DATABASE_URL: 'mysql://u:hunter2@h/d',
      REDIS_URL: 'http://:hunter2@h',
      AFTERWORD_SECRET: 'hunter2',
      AFTERWORD_SECRETS: 'hunter2',
      PORT: '1\u001b[2J\n',
      AFTERWORD_POOL_SIZE: 'x'.repeat(10_000),
    }).join('');
    expect(said).not.toContain('hunter2');
    expect(said).not.toMatch(/\p{Cc}/u);
    expect(said.length).toBeLessThan(2_000);
  });

  it('takes an unknown variable of its own for a typing mistake, and guesses which', () => {
    const guesses: [string, string][] = [
      ['AFTERWORD_SECRT', 'AFTERWORD_SECRET'],
      ['AFTERWORD_RATE_LIMIT', 'AFTERWORD_RATE_LIMITS'],
      ['AFTERWORD_DATADIR', 'AFTERWORD_DATA_DIR'],
      ['AFTERWORD_PORT', 'PORT'],
      ['AFTERWORD_DATABASE_URL', 'DATABASE_URL'],
      ['AFTERWORD_LOG_LEVEL', 'LOG_LEVEL'],
    ];
    for (const [name, meant] of guesses)
      expect(problems({ [name]: 'x' }), name).toEqual([
        `${name} is not a variable of Afterword: did you mean ${meant}?`,
      ]);
    for (const name of ['AFTERWORD_', 'AFTERWORD_COLOUR', 'AFTERWORD_toString'])
      expect(problems({ [name]: 'x' }), name).toEqual([`${name} is not a variable of Afterword.`]);
  });
});

it('an address past the pooler needs one through it', () => {
  expect(problems({ DATABASE_DIRECT_URL: 'postgres://h/db' })).toEqual([
    expect.stringContaining('DATABASE_DIRECT_URL is set without DATABASE_URL'),
  ]);
});

it('a password with signs that addresses use otherwise is told how to be written, and not shown', () => {
  const urls = ['postgres://u:hunter%2@h/db', 'postgres://u:hunt/er2@h/db', 'postgres://u:hunt#er2@h/db'];
  for (const DATABASE_URL of urls) {
    expect(problems({ DATABASE_URL })).toEqual([expect.stringContaining('% is written %25')]);
    expect(problems({ DATABASE_URL })[0]).not.toContain('hunt');
  }
  expect(problems({ REDIS_URL: 'redis://:hunter%2@h' })).toEqual([expect.stringContaining('REDIS_URL')]);
});

describe('several hosts', () => {
  it('may stand in DATABASE_URL', () => {
    for (const url of [
      'postgres://u:p@a:5432,b:5433/db',
      'postgres://a,b/db?target_session_attrs=primary',
      'postgres:///db?host=/run',
      'postgres://h',
    ]) {
      expect(parseConfig({ DATABASE_URL: url }).databaseUrl).toBe(url);
    }
  });
});

describe('proxies', () => {
  const request = (forwarded: string, remoteAddress = '127.0.0.1') =>
    ({ headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress } }) as never;
  const address = (trust: string, forwarded: string, remote?: string) =>
    proxyaddr(request(forwarded, remote), proxyTrust(parseConfig({ AFTERWORD_TRUST_PROXY: trust }).trustProxy));

  it('are believed by nobody unless told otherwise', () => {
    expect(address('', '203.0.113.9')).toBe('127.0.0.1');
    expect(address('OFF', '203.0.113.9')).toBe('127.0.0.1');
  });

  it('are believed by their number: what a reader makes up stands behind it', () => {
    expect(address('1', '198.51.100.1, 203.0.113.9')).toBe('203.0.113.9');
    expect(address('2', '198.51.100.1, 203.0.113.9, 10.0.0.1')).toBe('203.0.113.9');
  });

  it('are believed by their address', () => {
    expect(address('127.0.0.1,10.0.0.0/8', '198.51.100.1, 203.0.113.9, 10.0.0.7')).toBe('203.0.113.9');
    expect(address('10.0.0.0/8', '203.0.113.9', '192.0.2.1')).toBe('192.0.2.1');
    expect(address('loopback', '203.0.113.9', '::ffff:127.0.0.1')).toBe('203.0.113.9');
  });
});

describe('the table of variables', () => {
  it('has a row for each, with its default and its unit', () => {
    const rows = configTable().split('\n').slice(2);
    expect(rows).toHaveLength(Object.keys(parseConfig({})).length);
    expect(configTable()).toContain('| `PORT` | `3000` | ');
    expect(configTable()).toContain('| `AFTERWORD_DRAIN_SECONDS` | `5` seconds | ');
    for (const level of LOG_LEVELS) expect(configTable()).toContain(`\`${level}\``);
    for (const row of rows) expect(row.match(/(?<!\\)\|/g), row).toHaveLength(4);
  });

  it('stands in the README as it is here (else run: npx tsx tools/config-table.ts)', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const [, table] = /<!-- config -->\n([^]*?)\n?<!-- \/config -->/.exec(readme) ?? [];
    expect(table, 'between <!-- config --> and <!-- /config -->').toBe(configTable());
  });
});
