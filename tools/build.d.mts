/** Whether dist/ is complete and no source is newer. */
export function isBuildFresh(): boolean;
/** Builds all of dist/; ends the process with the builder's words where a step fails. */
export function runBuild(): Promise<void>;
