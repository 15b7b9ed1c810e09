// The built-in demonstration: what a developer sees first.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { everyMode, journalOf } from './support/browser.js';
import { setStage } from './support/stage.js';
import { arriveAt, button, press, someone, walkOn } from './support/walk.js';

const stage = setStage();

/** Clicks the button of the demonstration and waits for the first page of the link. */
async function connect(page) {
  await page.goto(stage.linchpin.demoUrl);
  const name = /connect your account/i;
  await page.getByRole('button', { name }).or(page.getByRole('link', { name })).first().click();
  await arriveAt(page, 'pre-login');
  assert.equal(new URL(page.url()).origin, new URL(stage.linchpin.linkUrl).origin);
}

/** Takes the link of the done page and waits for the demonstration's own callback. */
async function comeBack(page) {
  const demo = new URL(stage.linchpin.demoUrl).origin;
  await page.waitForURL((url) => url.origin === demo && url.search.includes('status='));
  return page.locator('body').innerText();
}

test('the demonstration has an origin of its own', () => {
  assert.notEqual(new URL(stage.linchpin.demoUrl).origin, new URL(stage.linchpin.linkUrl).origin);
});

for (const mode of everyMode) {
  test(`one click on the demonstration leads through the flow and shows what came back (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    await connect(page);
    await walkOn(page, someone(), 'success');
    const text = await comeBack(page);
    const connection = new URL(page.url()).searchParams.get('connection_id');
    assert.match(connection, /^conn_/);
    assert.ok(text.includes(connection), text);
    assert.match(text, /success/);
  });
}

test('the demonstration tells where a person left', async (t) => {
  const page = await stage.browser.newPage(t);
  await connect(page);
  await walkOn(page, {}, 'authorization');
  await press(page, 'cancel');
  // The demonstration's callback page has no step, so arriving there is seen by its address.
  await button(page, 'cancel').click({ noWaitAfter: true });
  const text = await comeBack(page);
  assert.match(text, /cancelled/);
  assert.match(text, /authorization/);
});

test('the demonstration complains about nothing and asks only itself and the link pages', async (t) => {
  const page = await stage.browser.newPage(t);
  await connect(page);
  await walkOn(page, someone(), 'success');
  await comeBack(page);
  const { consoleErrors, violations, origins } = journalOf(page);
  assert.deepEqual(consoleErrors, []);
  assert.deepEqual(violations, []);
  const own = [stage.linchpin.demoUrl, stage.linchpin.linkUrl].map((url) => new URL(url).origin);
  assert.deepEqual([...origins].sort(), own.sort());
});

test('the callback of the demonstration shows parameters as text', async (t) => {
  const page = await stage.browser.newPage(t);
  await connect(page);
  await walkOn(page, someone(), 'success');
  await comeBack(page);
  const { origin, pathname } = new URL(page.url());
  const payload = '"><img src=x onerror=alert(1)><script>alert(2)</script>';
  const hostile = new URLSearchParams({ status: payload, connection_id: payload, client_reference_id: payload });
  await page.goto(`${origin}${pathname}?${hostile}`);
  await page.waitForLoadState();
  assert.deepEqual(journalOf(page).dialogs, []);
  assert.equal(await page.locator('img[src="x"]').count(), 0);
});
