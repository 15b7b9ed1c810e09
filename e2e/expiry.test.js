// The clock of the server decides. The server runs under libfaketime, which moves its wall clock by an hour.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { usualModes } from './support/browser.js';
import { setStage } from './support/stage.js';
import { arriveAt, broughtBack, fillSignIn, press, returnToApp, signIn, someone, walkTo } from './support/walk.js';

const stage = setStage({ movableClock: true });
let passed = 0;

/** The clock only ever goes forward: each test makes its links after the jumps of the one before. */
async function letMinutesPass(minutes) {
  passed += minutes;
  await stage.linchpin.moveClock(`+${passed}m`);
}

const EXPIRED = 'status=error&error_code=session_expired&client_reference_id=user_123';

for (const mode of usualModes) {
  test(`a step that is sent too late leads back to the app (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    const person = someone();
    const link = await stage.newLink();
    await walkTo(page, link, person, 'login');
    await fillSignIn(page, person);
    await letMinutesPass(61);
    assert.equal((await press(page, 'continue')).step, 'callback');
    assert.equal(broughtBack(page), EXPIRED);
    assert.equal((await stage.linchpin.status(link.secret)).status, 'not_found');
  });

  test(`the first page, sent too late, leads back to the app (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    await walkTo(page, await stage.newLink(), {}, 'pre-login');
    await letMinutesPass(61);
    assert.equal((await press(page, 'continue')).step, 'callback');
    assert.equal(broughtBack(page), EXPIRED);
  });

  test(`an expired link opens a page that says so and links back (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    const untouched = await stage.newLink();
    const begun = await stage.newLink();
    await walkTo(page, begun, {}, 'authorization');
    const flowUrl = page.url();
    await letMinutesPass(61);
    for (const url of [untouched.url, begun.url, flowUrl]) {
      assert.equal((await page.goto(url)).status(), 410, url);
      assert.equal(await page.locator('form#step').count(), 0);
      await returnToApp(page);
      assert.equal(broughtBack(page), EXPIRED);
    }
  });
}

test('the page of an ended link has the same words whether it expired or was finished', async (t) => {
  const page = await stage.browser.newPage(t);
  const finished = await stage.newLink();
  await walkTo(page, finished, someone());
  assert.equal((await page.goto(finished.url)).status(), 410);
  const words = await page.locator('main').innerText();

  const expired = await stage.newLink();
  await letMinutesPass(61);
  assert.equal((await page.goto(expired.url)).status(), 410);
  assert.equal(await page.locator('main').innerText(), words);
});

test('the time that is left is shown when it is under five minutes', async (t) => {
  const page = await stage.browser.newPage(t);
  await page.goto((await stage.newLink()).url);
  const before = await page.locator('main').innerText();
  await letMinutesPass(57);
  await page.reload();
  await arriveAt(page, 'pre-login');
  const after = await page.locator('main').innerText();
  assert.notEqual(after, before);
  assert.match(after, /\b[23]\b|\b2:\d\d\b/);
});

test('a wrong password just before the end does not make the link live longer', async (t) => {
  const page = await stage.browser.newPage(t);
  const person = someone();
  await walkTo(page, await stage.newLink(), person, 'login');
  await signIn(page, { ...person, password: 'not-this-one' });
  await letMinutesPass(61);
  assert.equal((await signIn(page, person)).step, 'callback');
  assert.equal(broughtBack(page), EXPIRED);
});
