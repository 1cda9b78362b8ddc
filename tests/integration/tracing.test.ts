// Traces, turned on by OpenTelemetry's own variables, from a server process to a receiver that speaks the real protocol.
import { afterAll, beforeAll, expect, it } from 'vitest';

import { newId } from '../../shared/ids.js';
import { connectGuest } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { send } from '../support/http.js';
import { receiveTraces, type ReceivedSpan, type Receiver } from '../support/otlp.js';
import { makeNodes, type Nodes } from '../support/nodes.js';
import { copyProgram, type Program, type ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';

let program: Program;
let database: TestDatabase;
let receiver: Receiver;
let nodes: Nodes;
beforeAll(async () => {
  program = await copyProgram();
  database = await createTestDatabase();
  receiver = await receiveTraces();
  nodes = makeNodes({ DATABASE_URL: database.url, OTEL_BSP_SCHEDULE_DELAY: '50' });
}, 60_000);
afterAll(async () => {
  await nodes.end();
  await receiver.close();
  await database.drop();
  program.remove();
});

const start = (env: Record<string, string>): ServerProcess => nodes.start(program, env);

async function end(server: ServerProcess): Promise<void> {
  server.kill('SIGTERM');
  expect(await server.exited, server.errors()).toEqual({ code: 0, signal: null });
}

async function talk(url: string): Promise<{ thread: string; connection: string }> {
  const ana = await connectGuest(url, 'Unmentioned Ana');
  const { thread } = await ana.snapshot(`unmentioned ${newId()}`);
  await ana.must('reply:create', { thread: thread.id, id: newId(), body: 'an unmentioned body' });
  await until(() => ana.pushed('thread:delta').length > 0, 'the delta');
  const connection = ana.socket.id!;
  ana.close();
  return { thread: thread.id, connection };
}

it('[PROC8] shows a request with what it asked of the database, a publish, and an HTTP request in its caller’s trace', async () => {
  const server = start({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    AFTERWORD_TRUST_PROXY: '127.0.0.1',
  });
  const url = await server.ready;
  const { thread, connection } = await talk(url);
  const theirs = '0af7651916cd43dd8448eb211c80319c';
  const traceparent = `00-${theirs}-b7ad6b7169203331-01`;
  await send(url, '/api/v1/sites/demo/counts?key=unmentioned', { headers: { traceparent } });
  await end(server);

  const named = (name: string): ReceivedSpan[] => receiver.spans.filter((span) => span.name === name);
  const [request] = named('reply:create');
  expect(request).toMatchObject({
    parentSpanId: '',
    status: 0,
    attributes: { 'afterword.outcome': 'ok', 'afterword.connection': connection },
    resource: { 'service.name': 'afterword', 'service.version': '0.1.0', 'deployment.environment.name': 'test' },
  });
  expect(named('store createReplies').find(({ traceId }) => traceId === request!.traceId)).toMatchObject({
    parentSpanId: request!.spanId,
    attributes: { 'db.system.name': 'postgresql', 'db.operation.name': 'createReplies' },
  });
  expect(named('publish')[0]).toMatchObject({ parentSpanId: '', attributes: { 'afterword.thread': thread } });
  const [counts] = named('GET /api/v1/sites/:site/counts');
  expect(counts).toMatchObject({ traceId: theirs, parentSpanId: 'b7ad6b7169203331' });
  expect(counts!.attributes).toMatchObject({ 'http.response.status_code': 200 });
  expect(named('store counts')[0]).toMatchObject({ traceId: theirs, parentSpanId: counts!.spanId });
  // Looking for what moved without a hint, each second, is nobody's request.
  const alone = receiver.spans.filter(({ name, parentSpanId }) => name.startsWith('store ') && parentSpanId === '');
  expect(alone).toEqual([]);
  expect(receiver.raw.map(String).join('')).not.toMatch(/unmentioned/i);
});

it('[PROC8] sends nothing unless asked to, nor where it is turned off', async () => {
  receiver.spans.length = 0;
  for (const env of [
    {},
    { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SDK_DISABLED: 'true' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
  ]) {
    const server = start(env);
    await talk(await server.ready);
    await end(server);
    const isTold = server.errors().includes('no traces are sent: traces are sent by OTLP as http/protobuf only');
    expect(isTold).toBe('OTEL_EXPORTER_OTLP_PROTOCOL' in env);
  }
  expect(receiver.spans).toEqual([]);
});

it('gives its spans to the SDK that the owner has registered before it', async () => {
  receiver.spans.length = 0;
  const setup = new URL('../support/own-sdk.mjs', import.meta.url);
  const server = start({ NODE_OPTIONS: `--import ${setup.href}`, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  await talk(await server.ready);
  await end(server);
  for (const name of ['reply:create', 'store createReplies', 'publish']) {
    expect(server.errors()).toContain(`their span: ${name}\n`);
  }
  expect(receiver.spans).toEqual([]);
});

it.each([
  ['at once', '1'],
  ['only when it ends', '60000'],
])('serves and ends as ever where the receiver is away, and says so once, sending %s', async (_, delay) => {
  const server = start({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_EXPORTER_OTLP_TIMEOUT: '200',
    OTEL_BSP_SCHEDULE_DELAY: delay,
  });
  await talk(await server.ready);
  await end(server);
  expect(server.errors().split('something is wrong with the traces').length).toBe(2);
});
