/** What is missing, out of place or out of date, in words. */
export function lacksOf(packed: {
  files: readonly string[];
  bill: { metadata: { component: { version?: string } } } | null;
  version: string;
}): string[];
/** Empty where it may be published; `asked`: by an option of npm's. */
export function lacksForProvenance(
  manifest: {
    repository?: string | { type?: string; url?: string };
    publishConfig?: { provenance?: boolean };
  },
  asked: boolean,
): string[];
