// Second factors beyond one code: choosing among several, a question, a picture.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { setStage } from './support/stage.js';
import { CODE, connectionBroughtBack, press, sendCode, settled, someone, walkOn, walkTo } from './support/walk.js';

const stage = setStage();

for (const mode of ['scripts on', 'scripts off']) {
  test(`one of three ways is chosen from a list (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    const link = await stage.newLink();
    const factor = async () => (await stage.linchpin.status(link.secret)).data.twoFactorState;
    await walkTo(page, link, someone('creator-choice'), '2fa');
    assert.equal((await factor()).method, 'app');

    assert.ok((await press(page, 'another')).choosing, 'a list of ways');
    assert.equal(await page.locator('form#step [value^="way-"]').count(), 2);
    await page.locator('form#step a').click();
    await settled(page, (at) => at.step === '2fa' && !at.choosing, 'the code of the app again');
    assert.equal((await factor()).phoneCode.requestAttemptsLeft, 3, 'looking sends nothing');

    await press(page, 'another');
    await press(page, 'way-phone');
    assert.match(await page.locator('main').innerText(), /1234/);
    const { method, phoneCode } = await factor();
    assert.deepEqual([method, phoneCode.requestAttemptsLeft], ['phone', 2]);
    await sendCode(page, CODE);
    await walkOn(page, {});
    connectionBroughtBack(page);
  });

  test(`a question and a picture are answered in words (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    await walkTo(page, await stage.newLink(), someone('creator-question'), '2fa');
    const answer = page.getByLabel('What is your favourite colour?');
    assert.equal(await answer.getAttribute('autocomplete'), 'off');
    assert.match((await sendCode(page, 'red')).problem, /4 tries left/);
    assert.equal((await sendCode(page, ' Blue ')).step, 'success');

    await walkTo(page, await stage.newLink(), someone('creator-challenge'), '2fa');
    const picture = page.getByRole('img', { name: 'Which letters and digit does the picture show?' });
    assert.equal(await picture.evaluate((img) => img.decode().then(() => img.naturalWidth)), 240);
    assert.equal((await sendCode(page, 'tulip7')).step, 'success');
    await walkOn(page, {});
    connectionBroughtBack(page);
  });
}
