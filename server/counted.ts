/** `1 reply`, `7 replies`, `10,000 replies`: for people. */
export function counted(n: number, one: string, many: string): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}
