// The end user's own link: from the last page of the flow to the end of the connection, without the developer.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { barriersInBothThemes } from './support/barriers.js';
import { journalOf } from './support/browser.js';
import { setStage } from './support/stage.js';
import { arriveAt, button, someone, walkTo } from './support/walk.js';

const stage = setStage();

for (const mode of ['scripts on', 'scripts off']) {
  test(`a person sees what is connected and ends it (${mode})`, async (t) => {
    const done = await stage.browser.newPage(t, mode);
    // The page stays, however long the test takes to look at it.
    await done.route('**/return', (route) => route.fulfill({ status: 204 }));
    await walkTo(done, await stage.newLink(), someone(), 'success');
    const link = done.locator('.keep a');
    const address = await link.getAttribute('href');
    assert.equal(new URL(address).origin, new URL(stage.linchpin.linkUrl).origin);
    const [page] = await Promise.all([done.context().waitForEvent('page'), link.click()]);
    await arriveAt(page, 'connection');
    assert.equal(page.url(), address);
    if (mode === 'scripts on') assert.equal(await page.evaluate(() => window.opener), null);
    const scanned = async (step) => {
      await arriveAt(page, step);
      if (mode === 'scripts off') return;
      assert.deepEqual(await barriersInBothThemes(page), [], step);
    };
    await scanned('connection');
    const text = await page.locator('main').innerText();
    for (const shown of ['Shop', 'Sandbox', 'Active', 'Can see', 'Can change']) assert.ok(text.includes(shown), `${shown}: ${text}`);
    await page.locator('a.end').click();
    await scanned('disconnect');
    await page.locator('form#step a.out').click();
    await arriveAt(page, 'connection');
    await page.locator('a.end').click();
    await arriveAt(page, 'disconnect');
    await button(page, 'disconnect').click();
    await scanned('disconnected');
    const another = await stage.browser.newPage(t, mode);
    assert.equal((await another.goto(address)).status(), 404);
    await arriveAt(another, 'error');
    assert.deepEqual(journalOf(done).violations, []);
    assert.deepEqual(journalOf(another).violations, []);
  });
}

test('nobody is hurried away from the link, and leaving it leads back to the app', async (t) => {
  const page = await stage.browser.newPage(t);
  await page.mouse.move(1, 1);
  await walkTo(page, await stage.newLink(), someone(), 'success');
  await page.locator('.keep a').hover();
  await page.waitForTimeout(3_000);
  await arriveAt(page, 'success');
  await page.mouse.move(1, 1);
  await arriveAt(page, 'callback');
});
