// Why something failed, in words that come with what helps to write.
import type { ErrorBody } from '../../../shared/errors.js';
import { problem } from '../kit/problem.js';
import type { Stage } from '../stage.js';

export async function why(stage: Stage, error: ErrorBody): Promise<string> {
  await stage.kit?.writing().catch(() => {});
  return problem(stage.words, error);
}
