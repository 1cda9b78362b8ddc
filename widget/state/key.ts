// The key of a page's discussion (PAGE2). Part of the loader: kept tiny, imports nothing.

const TRACKING =
  /^(utm_.*|(fb|g|d|y|tt|tw)clid|[gw]braid|msclkid|li_fat_id|mc_[ce]id|igsh(id)?|_g[al]|_hs(enc|mi)|mkt_tok|vero_id|oly_(anon|enc)_id)(=|$)/i;

/** Where the key may come from, best first; empty and missing are the same. `canonical` is the resolved address. */
export interface KeySources {
  thread?: string | null | undefined;
  canonical?: string | null | undefined;
  address: string;
}

/** The `thread` attribute, else the canonical address, else the address without fragment and tracking parameters. */
export function threadKey({ thread, canonical, address }: KeySources): string {
  if (thread || canonical) return thread || canonical!;
  const [path, ...query] = address.replace(/#.*/s, '').split('?');
  const kept = query
    .join('?')
    .split('&')
    .filter((pair) => pair && !TRACKING.test(pair));
  return path + (kept.length ? '?' + kept.join('&') : '');
}
