// A person can leave at each step; Cancel asks once.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { everyMode } from './support/browser.js';
import { setStage } from './support/stage.js';
import {
  broughtBack, connectionBroughtBack, leave, press, returnToApp, someone, stay, walkOn, walkTo,
} from './support/walk.js';

const stage = setStage();
const steps = ['pre-login', 'authorization', 'login', '2fa'];

for (const mode of everyMode) {
  for (const step of steps) {
    test(`leaving at ${step} brings that step back to the app (${mode})`, async (t) => {
      const page = await stage.browser.newPage(t, mode);
      const link = await stage.newLink();
      await walkTo(page, link, someone('creator-otp'), step);
      const at = await leave(page);
      assert.equal(at.step, 'callback');
      assert.equal(broughtBack(page), `status=cancelled&step=${step}&client_reference_id=user_123`);
      assert.equal((await stage.linchpin.status(link.secret)).status, 'denied');
    });
  }
}

test('leaving while an approval is awaited elsewhere counts as the second factor', async (t) => {
  const page = await stage.browser.newPage(t);
  await walkTo(page, await stage.newLink(), someone('creator-face'), '2fa');
  await leave(page);
  assert.equal(broughtBack(page), 'status=cancelled&step=2fa&client_reference_id=user_123');
});

test('leaving without a reference has no parameter for one', async (t) => {
  const page = await stage.browser.newPage(t);
  await walkTo(page, await stage.newLink({ clientReferenceId: undefined }), {}, 'pre-login');
  await leave(page);
  assert.equal(broughtBack(page), 'status=cancelled&step=pre-login');
});

for (const step of steps) {
  test(`who thinks again at ${step} goes on where they were`, async (t) => {
    const page = await stage.browser.newPage(t, step === 'login' ? 'scripts off' : 'scripts on');
    const person = someone('creator-otp');
    await walkTo(page, await stage.newLink(), person, step);
    const question = await press(page, 'cancel');
    assert.ok(question.leaving);
    assert.equal(await page.locator('form#step button[name="action"]').count(), 1, 'one button, and a link back');
    await stay(page, step);
    await walkOn(page, person);
    connectionBroughtBack(page);
  });
}

test('a link that was left cannot be taken up again', async (t) => {
  const page = await stage.browser.newPage(t);
  const link = await stage.newLink();
  await walkTo(page, link, {}, 'authorization');
  const flowUrl = page.url();
  await leave(page);

  const answer = await page.goto(flowUrl);
  assert.equal(answer.status(), 410);
  assert.equal(await page.locator('form#step').count(), 0);
  await returnToApp(page);
  assert.equal(broughtBack(page), 'status=cancelled&step=authorization&client_reference_id=user_123');
});
