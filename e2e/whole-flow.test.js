// The main job: from init to the redirect, with every way to sign in, in three browsers.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { everyMode } from './support/browser.js';
import { setStage } from './support/stage.js';
import {
  arriveAt, broughtBack, button, CODE, connectionBroughtBack, press, returnToApp, sendCode, signIn, someone,
  walkOn, walkTo, wayBack,
} from './support/walk.js';
import { send } from './support/wire.js';

const stage = setStage();

test('init answers the three fields of the seed and nothing else', async () => {
  const answer = await stage.linchpin.init({
    clientAppId: stage.app.id,
    redirectUrl: stage.callback.url,
    clientReferenceId: 'user_123',
  });
  assert.equal(answer.status, 200, answer.body);
  assert.equal(answer.headers['cache-control'], 'no-store');
  const fields = JSON.parse(answer.body);
  assert.deepEqual(Object.keys(fields), ['mode', 'url', 'expiresAt']);
  assert.equal(fields.mode, 'hosted');
  assert.ok(fields.url.startsWith(`${stage.linchpin.linkUrl}/cs_`), fields.url);
  assert.match(fields.expiresAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const minutes = (new Date(fields.expiresAt) - Date.now()) / 60_000;
  assert.ok(minutes > 59 && minutes <= 60.1, `lives ${minutes} minutes`);
});

for (const mode of everyMode) {
  test(`a creator without a second factor is brought back by itself (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    const person = someone('creator');
    const link = await stage.newLink();
    const seen = await walkTo(page, link, person, 'success');
    assert.deepEqual(seen, ['pre-login', 'authorization', 'login']);
    assert.ok(await wayBack(page).isVisible(), 'a visible link leads back');
    await arriveAt(page, 'callback');
    const connection = connectionBroughtBack(page);
    const { status, data } = await stage.linchpin.status(link.secret);
    assert.equal(status, 'completed');
    assert.equal(data.id, connection);
    assert.deepEqual(Object.keys(data.userData).sort(), ['avatar', 'id', 'name', 'username']);
  });

  test(`an authenticator code can be typed with a space (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    const link = await stage.newLink();
    await walkTo(page, link, someone('creator-otp'), '2fa');
    const waiting = await stage.linchpin.status(link.secret);
    assert.equal(waiting.status, 'awaiting_2fa');
    assert.ok(waiting.data.twoFactorState.options.includes('app'), JSON.stringify(waiting));
    await sendCode(page, CODE);
    await walkOn(page, {});
    connectionBroughtBack(page);
  });

  test(`a texted code can be sent again (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    const link = await stage.newLink();
    await walkTo(page, link, someone('fan-sms'), '2fa');
    assert.match(await page.locator('body').innerText(), /1234/, 'the page names the last four digits');
    const sendsLeft = async () =>
      (await stage.linchpin.status(link.secret)).data.twoFactorState.phoneCode.requestAttemptsLeft;
    assert.equal(await sendsLeft(), 2, 'the first text went by itself and counts');
    await sendAgain(page);
    assert.equal(await sendsLeft(), 1);
    assert.equal((await sendCode(page, CODE)).step, 'success');
    await walkOn(page, {});
    connectionBroughtBack(page);
  });

  test(`an approval on another device completes the page by itself (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    const link = await stage.newLink();
    const person = someone('creator-face');
    await walkTo(page, link, person, 'login');
    const at = await signIn(page, person);
    assert.equal(at.step, '2fa');
    assert.ok(at.waiting, 'there is nothing to type');
    await arriveAt(page, 'success');
    await walkOn(page, {});
    connectionBroughtBack(page);
  });
}

/** Presses "send again", as soon as the pause between two texts is over. */
async function sendAgain(page) {
  for (let seconds = 0; seconds < 45; seconds += 1) {
    const resend = button(page, 'resend');
    if ((await resend.count()) > 0 && (await resend.isEnabled())) {
      const at = await press(page, 'resend');
      assert.equal(at.step, '2fa');
      if (!at.problem) return;
    }
    await page.waitForTimeout(1_000);
    await page.reload();
  }
  assert.fail('the page never let a text be sent again');
}

test('an optional permission can be declined, a required one cannot', async (t) => {
  const page = await stage.browser.newPage(t);
  await walkTo(page, await stage.newLink(), {}, 'authorization');
  const boxes = page.locator('form#step input[type="checkbox"][name="permission"]');
  const offered = await boxes.evaluateAll((all) => all.map((box) => box.value).sort());
  assert.deepEqual(offered, ['messages:write', 'posts:read']);
  await walkOn(page, { ...someone(), declines: ['messages:write'] });
  connectionBroughtBack(page);
});

test('a username given at init stands in the form', async (t) => {
  const page = await stage.browser.newPage(t);
  const person = someone();
  await walkTo(page, await stage.newLink({ prefill: { username: person.username } }), person, 'login');
  assert.equal(await page.locator('[name="username"]').inputValue(), person.username);
  assert.equal(await page.locator('[name="password"]').inputValue(), '');
});

test('signing in again keeps the id of the connection and does not ask for the same permissions twice', async (t) => {
  const person = someone();
  const first = await stage.browser.newPage(t);
  await walkTo(first, await stage.newLink(), person);
  const connection = connectionBroughtBack(first);

  const second = await stage.browser.newPage(t);
  const seen = await walkTo(second, await stage.newLink({ connectionId: connection }), person);
  assert.equal(connectionBroughtBack(second), connection);
  assert.ok(!seen.includes('authorization'), seen.join(', '));
});

test('without a reference the redirect has no parameter for one', async (t) => {
  const page = await stage.browser.newPage(t);
  await walkTo(page, await stage.newLink({ clientReferenceId: undefined }), someone());
  assert.match(broughtBack(page), /^status=success&connection_id=conn_[A-Za-z0-9_-]+$/);
});

test('the address that older clients send, with /s/ in front, opens the same page', async (t) => {
  const page = await stage.browser.newPage(t);
  const link = await stage.newLink();
  await page.goto(`${stage.linchpin.linkUrl}/s/${link.secret}`);
  await walkOn(page, someone());
  connectionBroughtBack(page);
});

test('the redirect is a 303 that tells the app nothing but its parameters', async (t) => {
  const page = await stage.browser.newPage(t);
  await walkTo(page, await stage.newLink(), someone(), 'success');
  const href = await wayBack(page).evaluate((link) => link.href);
  const answer = await send('GET', href);
  assert.equal(answer.status, 303);
  assert.equal(answer.headers['referrer-policy'], 'no-referrer');
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.ok(answer.headers['content-security-policy'], 'the policy is on every answer');
  await returnToApp(page);
  const { headers } = stage.callback.arrivals.at(-1);
  assert.equal(headers.referer, undefined);
  assert.equal(answer.headers.location, page.url());
});

test('coming back to the finished page still leads to what was done', async (t) => {
  const page = await stage.browser.newPage(t);
  await walkTo(page, await stage.newLink(), someone(), 'success');
  const flowUrl = page.url();
  await returnToApp(page);
  const connection = connectionBroughtBack(page);
  await page.goto(flowUrl);
  await returnToApp(page);
  assert.equal(connectionBroughtBack(page), connection);
});
