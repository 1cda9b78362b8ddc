// Draws figures over time as one SVG: small, readable on a light and on a dark page, with axes and units. Owns the
// drawing; what the figures mean is the caller's. The same figures give the same file.
import type { Point } from './series.js';

export interface Chart {
  title: string;
  unit: string;
  lines: readonly { name: string; points: readonly Point[] }[];
}

const WIDTH = 760;
const CHART = { height: 110, top: 34, left: 62, right: 16, gap: 40 };
const TICKS = 4;
/** Width of a letter at most, in the fonts that there are. */
const LETTER = 6.8;
/** Points of a line: more than its pixels draw nothing. */
const POINTS_MAX = 240;
/** Told apart by their dashes as well. */
const DASHES = ['', '5 3', '1.5 3'];

const STYLE = `
    text { font: 11px system-ui, sans-serif; fill: #333 }
    .title { font-weight: 600; font-size: 12px }
    .grid { stroke: #8884; stroke-width: 1 }
    path { fill: none; stroke-width: 1.5 }
    .l0 { stroke: #0b62c4 } .l1 { stroke: #b4520a } .l2 { stroke: #23752c }
    @media (prefers-color-scheme: dark) {
      text { fill: #ddd }
      .l0 { stroke: #6fb3ff } .l1 { stroke: #ffa462 } .l2 { stroke: #74cf7e }
    }`;

/** One chart below the other, over the same time. `description` is for those who can't see it. */
export function plot({ description, charts }: { description: string; charts: readonly Chart[] }): string {
  const each = CHART.height + CHART.gap;
  const height = CHART.top + charts.length * each;
  const seconds = Math.max(...charts.flatMap(({ lines }) => lines.flatMap(({ points }) => points.at(-1)?.at ?? 0)), 1);
  const drawn = charts.map((chart, i) => draw(chart, CHART.top + i * each, seconds, i === charts.length - 1));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(description)}">`,
    `  <style>${STYLE}\n  </style>`,
    ...drawn.flat().map((line) => `  ${line}`),
    '</svg>',
    '',
  ].join('\n');
}

function draw({ title, unit, lines }: Chart, top: number, seconds: number, isLast: boolean): string[] {
  const bottom = top + CHART.height;
  const most = niceAbove(Math.max(...lines.flatMap(({ points }) => points.map(({ value }) => value)), 0));
  const x = (at: number): number => CHART.left + (at / seconds) * (WIDTH - CHART.left - CHART.right);
  const y = (value: number): number => bottom - (value / most) * CHART.height;
  const out = [`<text class="title" x="${CHART.left}" y="${top - 10}">${escape(`${title}, ${unit}`)}</text>`];
  let right = WIDTH - CHART.right;
  for (const [i, { name }] of [...lines.entries()].toReversed()) {
    out.push(`<text x="${right}" y="${top - 10}" text-anchor="end">${escape(name)}</text>`);
    const begin = right - name.length * LETTER - 26;
    out.push(`<path class="l${i}" stroke-dasharray="${DASHES[i]!}" d="M${round(begin)} ${top - 14}h20"/>`);
    right = begin - 12;
  }
  for (let tick = 0; tick <= TICKS; tick++) {
    const value = (most / TICKS) * tick;
    out.push(`<path class="grid" d="M${CHART.left} ${round(y(value))}H${WIDTH - CHART.right}"/>`);
    out.push(`<text x="${CHART.left - 6}" y="${round(y(value) + 4)}" text-anchor="end">${label(value)}</text>`);
  }
  for (const minutes of minuteTicks(seconds / 60)) {
    const at = round(x(minutes * 60));
    out.push(`<path class="grid" d="M${at} ${top}V${bottom}"/>`);
    const text = isLast ? `${minutes} min` : String(minutes);
    const anchor = at > WIDTH - 2 * CHART.right ? 'end' : 'middle';
    out.push(`<text x="${at}" y="${bottom + 14}" text-anchor="${anchor}">${text}</text>`);
  }
  for (const [i, { points }] of lines.entries()) {
    const every = Math.ceil(points.length / POINTS_MAX);
    const kept = points.filter((_, n) => n % every === 0);
    const d = kept.map(({ at, value }, n) => `${n === 0 ? 'M' : 'L'}${round(x(at))} ${round(y(value))}`).join('');
    out.push(`<path class="l${i}" stroke-dasharray="${DASHES[i]!}" d="${d}"/>`);
  }
  return out;
}

/** 1, 2, 4 or 5 times a power of ten, at or above. */
function niceAbove(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

function minuteTicks(minutes: number): number[] {
  const step = [0.5, 1, 2, 5, 10, 20, 30, 60, 120].find((width) => minutes / width <= 8) ?? 240;
  return Array.from({ length: Math.floor(minutes / step) + 1 }, (_, i) => i * step);
}

const round = (value: number): number => Math.round(value * 10) / 10;

const label = (value: number): string => Number(value.toPrecision(3)).toLocaleString('en-US');

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
