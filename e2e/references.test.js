// Every page looks as it did when it was last reviewed, against the pictures in references/. In `./check long` each page is
// compared in four windows, light and dark; otherwise in one window each, by turns, and fits all four.
//
// Another Chromium, or other fonts, draw the same page differently. Where they are not those that drew the references,
// the pages are still laid out in every window and looked at for what does not fit, but no pixel is compared, and that
// is told. `npm run references` draws them anew, for a person to review.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { sidewaysOverflow } from './support/appearance.js';
import { difference, digest, keep, painter, photograph, readIfThere, sizes, steady } from './support/pictures.js';
import { setStage } from './support/stage.js';

const stage = setStage({ platform: true });
const here = path.dirname(fileURLToPath(import.meta.url));
const references = path.join(here, 'references');
const results = path.join(here, 'results');
const renewing = process.env.REFERENCES === 'renew';
const adding = process.env.REFERENCES === 'add';
const whole = renewing || adding || process.env.LINCHPIN_CHECK === 'long';

/** The windows and themes in which the page with this number is compared. */
function views(number) {
  const themes = ['light', 'dark'];
  if (whole) return sizes.flatMap((size) => themes.map((theme) => ({ size, theme })));
  return themes.map((theme, turn) => ({ size: sizes[(number + 2 * turn) % sizes.length], theme }));
}

test('every page looks as it was reviewed, light and dark', async (t) => {
  const page = await stage.browser.newPage(t, 'scripts on', { reducedMotion: 'reduce' });
  await mkdir(results, { recursive: true });
  const drawnBy = await painter(page);
  if (renewing) {
    await rm(references, { recursive: true, force: true });
    await mkdir(references, { recursive: true });
    await writeFile(path.join(references, 'chromium.txt'), drawnBy);
  }
  const reviewed = String((await readIfThere(path.join(references, 'chromium.txt'))) ?? 'nobody');
  const comparable = reviewed === drawnBy;
  if (!comparable) {
    assert.ok(!adding, `what is added has to be drawn by\n${reviewed}and this is\n${drawnBy}`);
    console.log(`no pixel is compared: the references are drawn by\n${reviewed}and this is\n${drawnBy}`);
  }
  // Most pictures are the reference to the last byte of the browser's own file, and need no second look.
  const exactFile = path.join(references, 'exact.json');
  const exact = renewing ? {} : JSON.parse(String((await readIfThere(exactFile)) ?? '{}'));
  const found = [];
  const there = new Set();
  let pages = 0;
  await stage.pastEveryPage(t, page, {
    look: async (name) => {
      await steady(page);
      for (const size of sizes) {
        await page.setViewportSize(size);
        const overflow = await sidewaysOverflow(page);
        if (overflow) found.push(`${name} at ${size.width} px: ${overflow}`);
        for (const theme of ['light', 'dark']) there.add(`${name}-${size.width}-${theme}.png`);
      }
      for (const { size, theme } of comparable ? views(pages) : []) {
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme: theme });
        const file = `${name}-${size.width}-${theme}.png`;
        const picture = await photograph(page);
        const isNew = adding && !existsSync(path.join(references, file));
        if (renewing || isNew) {
          await keep(picture, path.join(references, file));
          exact[file] = digest(picture);
        }
        if (exact[file] === digest(picture)) continue;
        const reference = await readIfThere(path.join(references, file));
        const differs = reference ? await difference(reference, picture, path.join(results, file)) : 'no reference';
        if (differs) found.push(`${file}: ${differs}`);
      }
      pages += 1;
      await page.setViewportSize({ width: 800, height: 900 });
    },
  });
  if (renewing || adding) await writeFile(exactFile, `${JSON.stringify(exact, undefined, 1)}\n`);
  assert.deepEqual(found, []);
  assert.ok(pages >= 14, `only ${pages} pages`);
  const kept = (await readdir(references)).filter((file) => file.endsWith('.png'));
  assert.deepEqual(kept.filter((file) => !there.has(file)), [], 'references of pages that are no longer there');
});
