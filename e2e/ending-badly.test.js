// What is used up, locked or out of reach ends with its own error code.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { usualModes } from './support/browser.js';
import { setStage } from './support/stage.js';
import {
  arriveAt, broughtBack, button, connectionBroughtBack, fillSignIn, sendCode, signIn, someone, standing, walkOn, walkTo,
  wayBack,
} from './support/walk.js';

const stage = setStage();
const WRONG_PASSWORD = 'canary-wrong-password-77';
const WRONG_CODE = '000000';

function assertEndedWith(page, code) {
  assert.equal(broughtBack(page), `status=error&error_code=${code}&client_reference_id=user_123`);
}

async function assertFailed(link, code) {
  const { status, data } = await stage.linchpin.status(link.secret);
  assert.equal(status, 'failed');
  assert.equal(data.errorCode, code);
}

for (const mode of usualModes) {
  test(`four wrong passwords are told at the form, the fifth ends it (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    const person = { ...someone(), password: WRONG_PASSWORD };
    const link = await stage.newLink();
    await walkTo(page, link, person, 'login');
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      const at = await signIn(page, person);
      assert.equal(at.step, 'login', `attempt ${attempt}`);
      assert.notEqual(at.problem, '', 'the page says what was wrong');
      assert.equal(await page.locator('[name="username"]').inputValue(), person.username);
      assert.equal(await page.locator('[name="password"]').inputValue(), '');
      assert.ok(!(await page.content()).includes(WRONG_PASSWORD), 'the password is never echoed');
      assert.equal((await stage.linchpin.status(link.secret)).status, 'invalid_credentials');
    }
    assert.equal((await signIn(page, person)).step, 'callback');
    assertEndedWith(page, 'invalid_credentials');
    await assertFailed(link, 'invalid_credentials');
  });

  test(`the right password after wrong ones still connects (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    const person = someone();
    await walkTo(page, await stage.newLink(), person, 'login');
    for (let attempt = 1; attempt <= 4; attempt += 1) await signIn(page, { ...person, password: WRONG_PASSWORD });
    await walkOn(page, person);
    connectionBroughtBack(page);
  });

  test(`a locked account ends it (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    const link = await stage.newLink();
    await walkTo(page, link, someone('locked'), 'callback');
    assertEndedWith(page, 'account_locked');
    await assertFailed(link, 'account_locked');
  });

  for (const [kind, tries] of [['creator-otp', 5], ['fan-sms', 3]]) {
    test(`${tries} wrong codes end it for ${kind} (${mode})`, async (t) => {
      const page = await stage.browser.newPage(t, mode);
      const link = await stage.newLink();
      await walkTo(page, link, someone(kind), '2fa');
      for (let attempt = 1; attempt < tries; attempt += 1) {
        const at = await sendCode(page, WRONG_CODE);
        assert.equal(at.step, '2fa', `attempt ${attempt}`);
        assert.notEqual(at.problem, '', 'the page says what was wrong');
        assert.equal(await page.locator('[name="code"]').inputValue(), '');
      }
      assert.equal((await sendCode(page, WRONG_CODE)).step, 'callback');
      assertEndedWith(page, '2fa_failed');
      await assertFailed(link, '2fa_failed');
    });
  }

  test(`a provider out of reach is said twice and ends it the third time (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    const person = someone('unavailable');
    const link = await stage.newLink();
    await walkTo(page, link, person, 'login');
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const at = await signIn(page, person);
      assert.equal(at.step, 'login', `attempt ${attempt}`);
      assert.notEqual(at.problem, '', 'the page says so and offers to try again');
    }
    assert.equal((await signIn(page, person)).step, 'callback');
    assertEndedWith(page, 'provider_unavailable');
    await assertFailed(link, 'provider_unavailable');
  });

  test(`a slow provider is waited for (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    const person = someone('slow');
    const link = await stage.newLink();
    await walkTo(page, link, person, 'login');
    await fillSignIn(page, person);
    await button(page, 'continue').click({ noWaitAfter: true });
    await page.waitForTimeout(1_500);
    assert.equal((await stage.linchpin.status(link.secret)).status, 'pending');
    assert.ok(await showsWaiting(page), `nothing tells that the page waits: ${JSON.stringify(await standing(page))}`);
    await arriveAt(page, 'success');
    await walkOn(page, person);
    connectionBroughtBack(page);
  });
}

/** Whether the page shows that something is being checked, on a page of its own or in the button. */
async function showsWaiting(page) {
  if ((await standing(page)).step === 'checking') return true;
  return (await page.locator('form#step[aria-busy="true"], form#step button[aria-busy="true"]').count()) > 0;
}

test('any other domain is a wrong password, with a hint at the test accounts', async (t) => {
  const page = await stage.browser.newPage(t);
  const stranger = { ...someone(), username: 'someone@example.org' };
  await walkTo(page, await stage.newLink(), stranger, 'login');
  const at = await signIn(page, stranger);
  assert.equal(at.step, 'login');
  assert.match(await page.locator('body').innerText(), /sandbox\.com/);
});

test('an e-mail address may have spaces around it and capital letters', async (t) => {
  const page = await stage.browser.newPage(t);
  const person = someone();
  await walkTo(page, await stage.newLink(), { ...person, username: ` ${person.username.toUpperCase()} ` });
  connectionBroughtBack(page);
});

test('a deleted link is unknown to everyone, also in the middle of a flow', async (t) => {
  const page = await stage.browser.newPage(t);
  const link = await stage.newLink();
  await walkTo(page, link, {}, 'authorization');
  const flowUrl = page.url();
  const answer = await stage.linchpin.remove(link.secret);
  assert.equal(answer.status, 200);
  assert.deepEqual(JSON.parse(answer.body), { success: true });

  for (const url of [link.url, flowUrl]) {
    assert.equal((await page.goto(url)).status(), 404, url);
    assert.equal(await page.locator('form#step').count(), 0);
    assert.equal(await wayBack(page).count(), 0, 'no link back');
  }
  assert.equal((await stage.linchpin.status(link.secret)).status, 'not_found');
});

test('a link that never was gives the same page as a deleted one', async (t) => {
  const page = await stage.browser.newPage(t);
  const deleted = await stage.newLink();
  await stage.linchpin.remove(deleted.secret);
  assert.equal((await page.goto(deleted.url)).status(), 404);
  const words = await page.locator('main').innerText();

  const never = deleted.url.slice(0, -6) + (deleted.url.endsWith('AAAAAA') ? 'BBBBBB' : 'AAAAAA');
  assert.equal((await page.goto(never)).status(), 404);
  assert.equal(await page.locator('main').innerText(), words);
});
