// What an owner may put behind `node --import`: an SDK of their own, here one that writes each span's name to standard error.
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';

const exporter = {
  export(spans, done) {
    for (const { name } of spans) process.stderr.write(`their span: ${name}\n`);
    done({ code: 0 });
  },
  shutdown: async () => {},
};
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
