// The key of a page's discussion (PAGE2). Part of the loader: kept tiny, imports nothing.

const TRACKING =
  /^(utm_.*|(fb|g|d|y|tt|tw)clid|[gw]braid|msclkid|li_fat_id|mc_[ce]id|igsh(id)?|_g[al]|_hs(enc|mi)|mkt_tok|vero_id|oly_(anon|enc)_id)(=|$)/i;

/**
 * The `thread` attribute, else the canonical address (resolved), else the address without fragment and tracking
 * parameters; empty and missing are the same.
 */
export function threadKey(address: string, thread?: string | null, canonical?: string | null): string {
  const [path, query = ''] = address.replace(/#.*/s, '').split(/\?(.*)/s);
  const kept = query.split('&').filter((pair) => pair && !TRACKING.test(pair));
  return thread || canonical || path + (kept.length ? '?' + kept.join('&') : '');
}
