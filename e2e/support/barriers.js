// What stands in the way of people who use assistive technology, as axe finds it.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The rules that go by colours. */
const coloured = ['color-contrast', 'link-in-text-block'];

/** What axe finds serious or critical on the page as it stands; `rules` are those that it goes by, if not all. */
export async function barriers(page, rules) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource);
  const { violations } = await page.evaluate(
    (values) => window.axe.run(document, { preload: false, ...(values && { runOnly: { type: 'rule', values } }) }),
    rules,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} (${node.failureSummary})`));
}

/** The same with the device asking for light and for dark: of the second only the colours are another matter. */
export async function barriersInBothThemes(page) {
  const found = [];
  for (const [colorScheme, rules] of [['light'], ['dark', coloured]]) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const barrier of await barriers(page, rules)) found.push(`${colorScheme}: ${barrier}`);
  }
  return found;
}
