// Pictures of the pages: taken so that nothing in them changes from run to run, compared with a small tolerance.

import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

/** The windows in which every page is looked at: a small phone, a frame, a tablet, a desktop. */
export const sizes = [
  { width: 320, height: 568 },
  { width: 400, height: 600 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
];

/** The shade that stands for each. */
const shades = Uint8Array.from({ length: 256 }, (_, shade) => Math.round(shade / 17) * 17);

/** Of a hundred thousand pixels, so many may differ: text is drawn the same, a line may fall between two pixels. */
const DIFFERENT_MAX = 20;

/**
 * What the pictures depend on besides the pages: the browser, and the fonts it found, told by how wide they draw.
 */
export async function painter(page) {
  const fonts = await page.evaluate(() => {
    const context = document.createElement('canvas').getContext('2d');
    const width = (font) => {
      context.font = font;
      return context.measureText('Hamburgefonstiv 0123456789 @').width.toFixed(2);
    };
    return [width('400 100px system-ui'), width('650 100px system-ui'), width('600 100px sans-serif')].join(' ');
  });
  return `Chromium ${page.context().browser().version()}\nfonts ${fonts}\n`;
}

/** Puts the same values in the place of those that are others in each run: names of people, codes, times. */
export async function steady(page) {
  await page.mouse.move(0, 0);
  await page.evaluate(() => {
    const write = (selector, text) => {
      for (const element of document.querySelectorAll(selector)) element.textContent = text;
    };
    for (const counting of document.querySelectorAll('[data-seconds]')) {
      // The script goes on counting in the one that is taken out.
      const still = counting.cloneNode(true);
      still.querySelector('bdi').textContent = '0:30';
      counting.replaceWith(still);
    }
    // Nor does it go on to say that it still works.
    for (const busy of document.querySelectorAll('[aria-busy]')) busy.replaceWith(busy.cloneNode(true));
    for (const field of document.querySelectorAll('#username')) if (field.value) field.value = 'jane@creator.sandbox.com';
    write('.account bdi:first-child', 'Jane Doe');
    write('.account bdi + bdi', '@janedoe');
    write('time', '2026-01-31');
    write('.spoken strong', 'three words here');
    for (const code of document.querySelectorAll('.qr')) code.style.visibility = 'hidden';
    for (const face of document.querySelectorAll('.face > :first-child, .who > :first-child')) face.style.visibility = 'hidden';
  });
}

/** The whole page as a picture, as the browser wrote it. */
export function photograph(page) {
  return page.screenshot({ fullPage: true, animations: 'disabled', caret: 'hide' });
}

/** What tells a picture from every other. */
export function digest(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The same in sixteen shades of each colour: a hundred pictures are to fit in the repository. */
function inFewShades(bytes) {
  const picture = PNG.sync.read(bytes);
  const { data } = picture;
  // How opaque a pixel is, its fourth value, is the brightest shade, which stays.
  for (let i = 0; i < data.length; i += 1) data[i] = shades[data[i]];
  return picture;
}

/** Keeps a picture in few shades. */
export function keep(bytes, file) {
  return write(inFewShades(bytes), file);
}

/** Unfiltered, what repeats itself as much as these do packs best. */
function write(picture, file) {
  return writeFile(file, PNG.sync.write(picture, { colorType: 2, filterType: 0, deflateLevel: 9, deflateStrategy: 0 }));
}

/** Tells in what a picture differs from its reference, or answers `undefined`. Where it does, `file` shows it. */
export async function difference(reference, bytes, file) {
  const [before, now] = [PNG.sync.read(reference), inFewShades(bytes)];
  const { width, height } = before;
  if (width !== now.width || height !== now.height) {
    await write(now, file);
    return `${now.width} × ${now.height} instead of ${width} × ${height}`;
  }
  const shown = new PNG({ width, height });
  const different = pixelmatch(before.data, now.data, shown.data, width, height, { threshold: 0.1 });
  if (different <= (width * height * DIFFERENT_MAX) / 100_000) return undefined;
  await write(shown, file);
  return `${different} pixels differ, see ${file}`;
}

/** The file's bytes, or `undefined` where there is none. */
export function readIfThere(file) {
  return readFile(file).catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
