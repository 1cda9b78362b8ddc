// The kinds of inputs that there are, and which share of all inputs of a run each has (`run.ts` makes and sends them).
export const SHARES = {
  events: 0.58,
  handshakes: 0.02,
  frames: 0.14,
  websocket: 0.04,
  polling: 0.06,
  http: 0.12,
  raw: 0.04,
};

export type KindName = keyof typeof SHARES;
