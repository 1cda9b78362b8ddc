// A receiver of traces that speaks OTLP over HTTP as a collector does: protobuf in, an empty answer out. Knows as much of the
// format as spans need (opentelemetry/proto/trace/v1/trace.proto).
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface ReceivedSpan {
  name: string;
  traceId: string;
  spanId: string;
  /** Empty: it begins a trace. */
  parentSpanId: string;
  attributes: Record<string, string | number>;
  /** 2: it failed. */
  status: number;
  /** Of the process that sent it. */
  resource: Record<string, string | number>;
}

export interface Receiver {
  url: string;
  spans: ReceivedSpan[];
  /** Everything that came, as it came. */
  raw: Buffer[];
  close(): Promise<void>;
}

export async function receiveTraces(): Promise<Receiver> {
  const spans: ReceivedSpan[] = [];
  const raw: Buffer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method !== 'POST' || request.url !== '/v1/traces') return void response.writeHead(404).end();
      if (request.headers['content-type'] !== 'application/x-protobuf') return void response.writeHead(415).end();
      const sent = Buffer.concat(chunks);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
      raw.push(body);
      spans.push(...spansOf(body));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    raw,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Field {
  number: number;
  value: number | Buffer;
}

function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++]!;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => message.subarray(at, (at += length));
  while (at < message.length) {
    const tag = varint();
    const type = tag & 7;
    const value = type === 0 ? varint() : type === 1 ? take(8) : type === 5 ? take(4) : take(varint());
    fields.push({ number: tag >>> 3, value });
  }
  return fields;
}

const all = (message: Buffer, number: number): Buffer[] =>
  fieldsOf(message).flatMap((field) => (field.number === number && Buffer.isBuffer(field.value) ? [field.value] : []));
const one = (message: Buffer, number: number): Buffer => all(message, number)[0] ?? Buffer.alloc(0);

function attributesOf(pairs: readonly Buffer[]): Record<string, string | number> {
  return Object.fromEntries(
    pairs.map((pair) => {
      // AnyValue: a string (1), a boolean (2), an integer (3), or a double (4).
      const [{ number, value } = { number: 1, value: '' }] = fieldsOf(one(pair, 2));
      const read = Buffer.isBuffer(value) ? (number === 4 ? value.readDoubleLE() : value.toString()) : value;
      return [one(pair, 1).toString(), read];
    }),
  );
}

function spansOf(request: Buffer): ReceivedSpan[] {
  return all(request, 1).flatMap((resourceSpans) => {
    const resource = attributesOf(all(one(resourceSpans, 1), 1));
    return all(resourceSpans, 2)
      .flatMap((scopeSpans) => all(scopeSpans, 2))
      .map((span) => ({
        name: one(span, 5).toString(),
        traceId: one(span, 1).toString('hex'),
        spanId: one(span, 2).toString('hex'),
        parentSpanId: one(span, 4).toString('hex'),
        attributes: attributesOf(all(span, 9)),
        status: Number(fieldsOf(one(span, 15)).find(({ number }) => number === 3)?.value ?? 0),
        resource,
      }));
  });
}
