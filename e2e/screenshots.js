// Writes pictures of every page to results/: four sizes, light and dark, English and Arabic. Not a test.

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { openStage } from './support/stage.js';

const results = path.join(path.dirname(fileURLToPath(import.meta.url)), 'results');
const sizes = [
  { width: 320, height: 568 },
  { width: 400, height: 600 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
];

/** Takes the page as it stands in every size and theme. */
async function photograph(page, name) {
  for (const size of sizes) {
    await page.setViewportSize(size);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      const file = `${name}-${size.width}-${colorScheme}.png`;
      await page.screenshot({ path: path.join(results, file), fullPage: true, animations: 'disabled' });
    }
  }
  await page.setViewportSize({ width: 800, height: 900 });
}

await mkdir(results, { recursive: true });
const stage = await openStage({ platform: true });
try {
  for (const lang of ['en', 'ar']) {
    const page = await stage.browser.newPage(undefined);
    await stage.pastEveryPage(undefined, page, {
      query: `lang=${lang}`,
      look: (name) => photograph(page, `${name}-${lang}`),
    });
  }
  const plain = await stage.browser.newPage(undefined, 'scripts off');
  await plain.goto((await stage.newLink()).url);
  await photograph(plain, 'pre-login-en-without-scripts');
  await plain.goto(stage.linchpin.demoUrl);
  await photograph(plain, 'demo');
} finally {
  await stage.close();
}
console.log(`pictures are in ${results}`);
