// What a phone does with the code on another screen.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const reader = await readFile(require.resolve('jsqr/dist/jsQR.js'), 'utf8');

/** Options of a phone's page. */
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** The pages that codes are read in, one a browser: they have no policy that keeps the reader out. */
const lenses = new WeakMap();

/** What a camera reads off the page as it is drawn: an address of a hand-off. */
export async function scan(browser, page, linkUrl) {
  const picture = (await page.locator('.qr').screenshot()).toString('base64');
  if (!lenses.has(browser)) {
    const lens = await browser.newPage();
    await lens.evaluate(reader);
    lenses.set(browser, lens);
  }
  const text = await lenses.get(browser).evaluate(async (base64) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
    canvas.drawImage(image, 0, 0);
    return globalThis.jsQR(canvas.getImageData(0, 0, image.width, image.height).data, image.width, image.height)?.data;
  }, picture);
  assert.ok(text?.startsWith(`${linkUrl}/h/`), `the code holds ${text}`);
  return text;
}

/** The phrase that a screen with a code shows. */
export const phraseOn = (desktop) => desktop.locator('.spoken strong').innerText();

/** The button of a phrase on a phone. */
export const pick = (phone, phrase) => phone.locator('form#step button.pick', { hasText: phrase });
