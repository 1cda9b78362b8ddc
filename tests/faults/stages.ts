// The stages that there are (`stage.ts` sets them up).
export const STAGES = ['embedded', 'two nodes', 'two nodes, Redis', 'two nodes, PgBouncer'] as const;
export type StageName = (typeof STAGES)[number];
