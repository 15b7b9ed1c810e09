// Going on on a phone: a desktop shows a code that a camera can read, the phone finishes, the desktop goes back to the app.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { anotherTab } from './support/browser.js';
import { setStage } from './support/stage.js';
import {
  arriveAt, button, connectionBroughtBack, broughtBack, leave, press, settled, signIn, someone, walkOn, walkTo,
} from './support/walk.js';

const stage = setStage();
const require = createRequire(import.meta.url);
const reader = await readFile(require.resolve('jsqr/dist/jsQR.js'), 'utf8');
const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** What a camera reads off the page as it is drawn. `lens` is a blank page to do it in. */
async function scan(page, lens) {
  const picture = (await page.screenshot()).toString('base64');
  await lens.evaluate(reader);
  const text = await lens.evaluate(async (base64) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
    canvas.drawImage(image, 0, 0);
    return globalThis.jsQR(canvas.getImageData(0, 0, image.width, image.height).data, image.width, image.height)?.data;
  }, picture);
  assert.ok(text, 'there is a code to read');
  return text;
}

/** What axe finds serious or critical. */
async function barriers(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { preload: false }));
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  return serious.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`));
}

const phraseOn = (desktop) => desktop.locator('.spoken strong').innerText();
const pick = (phone, phrase) => phone.locator('form#step button.pick', { hasText: phrase });
const says = (page, words) => page.getByRole('heading', { name: words, level: 1 }).waitFor();

/** A desktop that shows a code at the sign-in, and a phone that has opened it. */
async function scanned(t, link, mode = 'scripts on', options = {}) {
  const desktop = await stage.browser.newPage(t, mode, options);
  await walkTo(desktop, link, {}, 'login');
  await press(desktop, 'phone');
  await arriveAt(desktop, 'phone');
  const lens = await stage.browser.newPage(t);
  const address = await scan(desktop, lens);
  assert.ok(address.startsWith(`${stage.linchpin.linkUrl}/h/`), address);
  const phone = await stage.browser.newPage(t, mode, PHONE);
  await phone.goto(address);
  await arriveAt(phone, 'hand-off');
  return { desktop, phone, address };
}

for (const mode of ['scripts on', 'scripts off']) {
  test(`${mode}: the phone signs in, the desktop goes back to the app by itself`, async (t) => {
    const { desktop, phone } = await scanned(t, await stage.newLink(), mode);
    await phone.getByText('Shop').first().waitFor();
    await pick(phone, await phraseOn(desktop)).click();
    await arriveAt(phone, 'login');
    await says(desktop, 'Go on on your phone');
    await signIn(phone, someone());
    await arriveAt(phone, 'success');
    await arriveAt(desktop, 'callback');
    connectionBroughtBack(desktop);
    await arriveAt(phone, 'success');
    assert.equal(await phone.locator('main a').count(), 0);
  });
}

test('a wrong phrase ends it, the desktop says so and shows a new code', async (t) => {
  const { desktop, phone, address } = await scanned(t, await stage.newLink());
  const right = await phraseOn(desktop);
  await phone.locator('form#step button.pick').filter({ hasNotText: right }).first().click();
  await says(phone, 'Those words do not stand there');
  await says(desktop, 'The words did not match');
  assert.deepEqual(await barriers(desktop), []);
  assert.deepEqual(await barriers(phone), []);
  await phone.goto(address);
  await says(phone, 'This code is no longer valid');
  await button(desktop, 'phone').click();
  await says(desktop, 'Scan this with your phone');
  assert.notEqual(await scan(desktop, await anotherTab(phone.context())), address);
});

test('the desktop takes back, and the phone is told', async (t) => {
  const link = await stage.newLink();
  const { desktop, phone } = await scanned(t, link);
  await pick(phone, await phraseOn(desktop)).click();
  await arriveAt(phone, 'login');
  await says(desktop, 'Go on on your phone');
  assert.deepEqual(await barriers(desktop), []);
  await button(desktop, 'here').click();
  await arriveAt(desktop, 'login');
  await signIn(phone, someone()).catch(() => {});
  await says(phone, 'It goes on on the other screen');
  await walkOn(desktop, someone());
  connectionBroughtBack(desktop);
});

test('leaving on the phone brings the desktop back to the app', async (t) => {
  const { desktop, phone } = await scanned(t, await stage.newLink());
  await pick(phone, await phraseOn(desktop)).click();
  await arriveAt(phone, 'login');
  await leave(phone).catch(() => {});
  await says(phone, 'Nothing was connected');
  await arriveAt(desktop, 'callback');
  assert.match(broughtBack(desktop), /^status=cancelled&step=login/);
});

test('the code is read in the dark, from right to left and in a small frame, and nobody is kept out', async (t) => {
  for (const [locale, size] of [['en', { width: 400, height: 600 }], ['ar', { width: 1280, height: 800 }]]) {
    const options = { colorScheme: 'dark', reducedMotion: 'reduce', viewport: size };
    const link = await stage.newLink({ locale });
    const { desktop, phone } = await scanned(t, link, 'scripts on', options);
    for (const page of [desktop, phone]) {
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        assert.deepEqual(await barriers(page), [], `${locale}, ${colorScheme}`);
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${locale}: ${wide} px too wide`);
    }
  }
});

test('a phone is not asked to go on on a phone', async (t) => {
  const phone = await stage.browser.newPage(t, 'scripts on', PHONE);
  await walkTo(phone, await stage.newLink(), {}, 'login');
  assert.equal(await button(phone, 'phone').isVisible(), false);
  const desktop = await stage.browser.newPage(t);
  await walkTo(desktop, await stage.newLink(), {}, 'pre-login');
  assert.equal(await button(desktop, 'phone').isVisible(), true);
  await button(desktop, 'phone').click();
  await settled(desktop, (at) => at.step === 'phone', 'the code');
});
