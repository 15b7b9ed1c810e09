// The built-in demonstration: what a developer sees first.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { usualModes, journalOf } from './support/browser.js';
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

for (const mode of usualModes) {
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

/** A picture of one pixel. */
const logo = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

test('a branding is tried out on every step, and the command that makes it so is told', async (t) => {
  const page = await stage.browser.newPage(t);
  await page.goto(`${stage.linchpin.demoUrl}/branding`);
  const steps = await page.locator('iframe').count();
  assert.ok(steps > 8, `${steps} steps`);
  assert.equal(await page.locator('#command').isVisible(), false);
  await page.getByLabel('Name').fill("Zoë's");
  await page.getByLabel('Accent').fill('#ffe000');
  await page.getByLabel('Theme').selectOption('dark');
  await page.locator('.warning').waitFor();
  assert.match(await page.locator('.warning').innerText(), /light theme.*1\.3:1/);
  await page.getByLabel('Logo from a file').setInputFiles({ name: 'mark.png', mimeType: 'image/png', buffer: logo });
  const first = page.frameLocator('iframe').first();
  await first.locator('.marks > img.mark').waitFor();
  assert.equal(await first.locator('html').getAttribute('data-theme'), 'dark');
  assert.match(await first.locator('h1').innerText(), /Zoë's/);
  assert.match(
    await page.locator('#command').innerText(),
    /^linchpin app update app_\w+ --data '.+' --name 'Zoë'\\''s' --accent '#ffe000' --logo 'mark.png'$/,
  );
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await page.evaluate(() => window.axe.run(document, { preload: false, iframes: false }));
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
  }
  await page.getByLabel('Step').selectOption('login');
  await page.waitForFunction(() => document.querySelectorAll('iframe').length === 1);
  assert.match(await page.frameLocator('iframe').locator('body').getAttribute('data-step'), /login/);
  const { consoleErrors, violations, origins } = journalOf(page);
  assert.deepEqual([consoleErrors, violations], [[], []]);
  assert.deepEqual([...origins], [new URL(stage.linchpin.demoUrl).origin]);
  // The server itself has no such page.
  assert.equal((await page.goto(`${stage.linchpin.linkUrl}/branding`)).status(), 404);
});

test('a branding is tried out without scripts, too', async (t) => {
  const page = await stage.browser.newPage(t, 'scripts off');
  await page.goto(`${stage.linchpin.demoUrl}/branding`);
  await page.getByLabel('Name').fill('Zoë');
  await page.getByLabel('Step').selectOption('done');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.waitForURL(/name=/);
  assert.match(await page.locator('#command').innerText(), /--name 'Zoë'$/);
  await page.frameLocator('iframe').getByText('Zoë').first().waitFor();
});
