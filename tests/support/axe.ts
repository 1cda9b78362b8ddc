// What axe finds on a page as it is now: in the widget, and not in the test's page around it, unless that is asked for.
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** `within`: a selector; `html` for the whole page, with the rules that are about pages. */
export async function violations(page: Page, within = 'afterword-discussion'): Promise<string[]> {
  await page.evaluate(axe.source);
  return await page.evaluate(async (selector) => {
    const found = await (globalThis as unknown as { axe: typeof axe }).axe.run(selector, {
      resultTypes: ['violations'],
    });
    return found.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`,
    );
  }, within);
}
