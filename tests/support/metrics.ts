// What a server shows at /metrics, as numbers by series: `name{label="value"}` as it stands there.
import type { App } from '../../server/app.js';
import { send } from './http.js';

export interface Scraped {
  text: string;
  /** 0 where there is no such series. */
  value(series: string): number;
}

export async function scrape({ metricsPort }: Pick<App, 'metricsPort'>): Promise<Scraped> {
  const { status, text } = await send(`http://127.0.0.1:${metricsPort}`, '/metrics');
  if (status !== 200) throw new Error(`/metrics answered ${status}`);
  const series = new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const end = line.lastIndexOf(' ');
        return [line.slice(0, end), Number(line.slice(end + 1))];
      }),
  );
  return { text, value: (name) => series.get(name) ?? 0 };
}
