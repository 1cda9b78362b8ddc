// Database addresses: what is understood, what the driver gets, what people see.
import { expect, test } from 'vitest';
import { describeAddress, parseAddress, siblingAddress } from '../../server/database/address.js';

test('a plain address goes to the driver as it is', () => {
  const url = 'postgres://talk:secret@db.example.com:6432/talk?sslmode=require';
  expect(parseAddress(url)).toEqual({ url, port: 6432 });
  expect(parseAddress('postgresql://db.example.com/talk').port).toBe(5432);
});

test("a host that begins with a slash is a socket's folder, in either of libpq's forms", () => {
  const expected = { socketFolder: '/var/run/postgresql', port: 5432 };
  expect(parseAddress('postgres:///talk?host=/var/run/postgresql')).toEqual({ url: 'postgres:///talk', ...expected });
  expect(parseAddress('postgres://me@%2Fvar%2Frun%2Fpostgresql/talk')).toMatchObject(expected);
  expect(parseAddress('postgres:///talk?host=/tmp/a%20b,c&port=6000')).toMatchObject({
    socketFolder: '/tmp/a b,c',
    port: 6000,
  });
});

test('a host and a port among the parameters win over the address', () => {
  expect(parseAddress('postgres://me@localhost/talk?host=db.example.com&port=6000')).toEqual({
    url: 'postgres://me@db.example.com:6000/talk',
    port: 6000,
  });
});

test('a port is a number that there can be, in decimal digits', () => {
  for (const port of ['0', '70000', 'abc', '', '0x1', '1e3', ' 5432', '-1'])
    expect(() => parseAddress(`postgres://me:secret@db/talk?port=${port}`)).toThrow(/^The port .* from 1 to 65535\.$/);
});

test('an IPv6 address is told apart, as the driver takes it only beside its address', () => {
  const url = 'postgres://me@[::1]:6000/talk';
  expect(parseAddress(url)).toEqual({ url, port: 6000, ipv6: '::1' });
  expect(parseAddress('postgres://me@localhost/talk?host=2001:db8::7')).toEqual({
    url: 'postgres://me@[2001:db8::7]/talk',
    port: 5432,
    ipv6: '2001:db8::7',
  });
  expect(describeAddress(url)).toBe('talk at [::1]:6000');
});

test('parameters that only libpq acts on are kept from the server, which would refuse them', () => {
  const hosted = 'postgres://me:secret@db.example.com/talk?sslmode=require&channel_binding=require&gssencmode=disable';
  expect(parseAddress(hosted).url).toBe('postgres://me:secret@db.example.com/talk?sslmode=require');
  expect(parseAddress('postgres://one,two/talk?target_session_attrs=any').url).toBe('postgres://one,two/talk');
  const trusted = 'postgres://me@db.example.com/talk?sslrootcert=system';
  expect(parseAddress(trusted).url).toBe(trusted);
});

test('what people see names host, port and database and holds neither user nor password', () => {
  expect(describeAddress('postgres://talk:secret@db.example.com/talk')).toBe('talk at db.example.com:5432');
  expect(describeAddress('postgres:///talk?host=/run/pg')).toBe('talk in /run/pg');
  expect(describeAddress('postgres://talk:secret@localhost:6000')).toBe('the default database at localhost:6000');
  expect(describeAddress('postgres://talk:secret@db.example.com/l%C3%A4rm')).toBe('lärm at db.example.com:5432');
});

test('several hosts go to the driver as they are, and people see all of them', () => {
  const url = 'postgres://talk:se,cret@one:5432,two:6432/talk?target_session_attrs=read-write';
  expect(parseAddress(url)).toEqual({ url, port: 5432, hosts: 'one:5432,two:6432' });
  expect(describeAddress(url)).toBe('talk at one:5432,two:6432');
  expect(parseAddress('postgres://talk:se,cret@db.example.com/talk')).not.toHaveProperty('hosts');
});

test('the name by which our connections are known is ours to give', () => {
  expect(parseAddress('postgres://db/talk?application_name=mine&sslmode=require').url).toBe(
    'postgres://db/talk?sslmode=require',
  );
});

test('another database on the same server keeps everything but the name', () => {
  expect(siblingAddress('postgres://me:secret@db/one?host=/run/pg', 'two words')).toBe(
    'postgres://me:secret@db/two%20words?host=/run/pg',
  );
});

test('an address that can not be read is refused without quoting it', () => {
  for (const address of [
    '',
    'db.example.com',
    'postgres://me:secret@',
    'postgres://me:secret@:70000/x',
    'postgres://me:50%secret@db/x',
  ]) {
    const parse = (): unknown => parseAddress(address);
    expect(parse).toThrow(/not a URL|begins with/);
    expect(parse).not.toThrow(/secret/);
  }
  expect(() => parseAddress('mysql://me:secret@db/talk')).toThrow('begins with mysql:// and not with postgres://');
});
