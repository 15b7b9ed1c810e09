// Going on on a phone: a desktop shows a code that a camera can read, the phone finishes, the desktop goes back to the app.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { barriersInBothThemes } from './support/barriers.js';
import { PHONE, phraseOn, pick, scan as readCode } from './support/camera.js';
import { setStage } from './support/stage.js';
import {
  arriveAt, button, connectionBroughtBack, movedOn, press, signIn, someone, standing, walkOn, walkTo,
} from './support/walk.js';

const stage = setStage();
const scan = (page) => readCode(stage.browser, page, stage.linchpin.linkUrl);

/** Asserts that axe finds nothing serious, light and dark, and that nothing is wider than the page. */
async function assertOpenToAll(page) {
  assert.deepEqual(await barriersInBothThemes(page), [], page.url());
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(tooWide <= 0, `${tooWide} px too wide`);
}

const says = (page, words) => page.getByRole('heading', { name: words, level: 1 }).waitFor();

/** A desktop that shows a code at the sign-in, and a phone that has scanned it. */
async function scanned(t, { mode, link, ...options }) {
  const desktop = await stage.browser.newPage(t, mode, options);
  await walkTo(desktop, link, {}, 'login');
  await press(desktop, 'phone');
  await arriveAt(desktop, 'phone');
  const phone = await stage.browser.newPage(t, mode, PHONE);
  await phone.goto(await scan(desktop));
  await arriveAt(phone, 'hand-off');
  return { desktop, phone };
}

test('the phone signs in, the desktop goes back to the app by itself; in a dark frame, from right to left', async (t) => {
  const link = await stage.newLink({ locale: 'ar' });
  const frame = { colorScheme: 'dark', viewport: { width: 400, height: 600 } };
  const { desktop, phone } = await scanned(t, { mode: 'scripts on', link, ...frame });
  await assertOpenToAll(desktop);
  await assertOpenToAll(phone);
  await phone.getByText('Shop').first().waitFor();
  const code = await standing(desktop);
  await pick(phone, await phraseOn(desktop)).click();
  await arriveAt(phone, 'login');
  assert.equal(await button(phone, 'phone').count(), 0);
  await movedOn(desktop, code);
  await assertOpenToAll(desktop);
  await signIn(phone, someone());
  await arriveAt(desktop, 'callback');
  connectionBroughtBack(desktop);
  await arriveAt(phone, 'success');
  await assertOpenToAll(phone);
  assert.equal(await phone.locator('main a').count(), 0, 'the phone has no way to the app');
});

test('the same with scripts off', async (t) => {
  const { desktop, phone } = await scanned(t, { mode: 'scripts off', link: await stage.newLink() });
  await pick(phone, await phraseOn(desktop)).click();
  await arriveAt(phone, 'login');
  await signIn(phone, someone());
  await arriveAt(phone, 'success');
  await arriveAt(desktop, 'callback');
  connectionBroughtBack(desktop);
});

test('a wrong phrase ends it, a new code begins it again, and the desktop takes back', async (t) => {
  const { desktop, phone } = await scanned(t, { mode: 'scripts on', link: await stage.newLink() });
  const right = await phraseOn(desktop);
  await phone.locator('form#step button.pick').filter({ hasNotText: right }).first().click();
  await says(phone, 'Those words are not shown there');
  await says(desktop, 'The words did not match');
  await assertOpenToAll(desktop);
  await phone.reload();
  await says(phone, 'This code is no longer valid');
  await button(desktop, 'phone').click();
  await says(desktop, 'Scan this with your phone');
  await phone.goto(await scan(desktop));
  await pick(phone, await phraseOn(desktop)).click();
  await arriveAt(phone, 'login');
  await says(desktop, 'Now continue on your phone');
  await button(desktop, 'here').click();
  await arriveAt(desktop, 'login');
  await press(phone, 'cancel');
  await says(phone, 'The other screen has taken over');
  await walkOn(desktop, someone());
  connectionBroughtBack(desktop);
});

test('the button is for wide screens', async (t) => {
  for (const [options, visible] of [[PHONE, false], [{}, true]]) {
    const page = await stage.browser.newPage(t, 'scripts on', options);
    await walkTo(page, await stage.newLink(), {}, 'pre-login');
    assert.equal(await button(page, 'phone').isVisible(), visible);
  }
});
