// Whatever an app, an address or a person brings in stays a text.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { journalOf } from './support/browser.js';
import { appFlags, setStage } from './support/stage.js';
import { arriveAt, broughtBack, button, press, signIn, someone, stay, walkOn, walkTo } from './support/walk.js';

const stage = setStage();

/** Values of a query parameter, as they stand in the URL. */
const hostileValues = [
  ...[
    '"><script>alert(1)</script>', "'-alert(1)-'", 'javascript:alert(1)', '../../etc/passwd', 'xx-XX', '',
    'x'.repeat(3_000), 'dark;background:url(//evil.example)', '{{7*7}}', '\u202Egnol', '//evil.example',
    '/\\evil.example',
  ].map(encodeURIComponent),
  'en%00', '%0d%0aSet-Cookie:a=b', '%ff%fe', '%', 'en&lang=ar&lang=', 'dark&theme[]=light',
];

test('hostile values of lang and theme give the normal page', async (t) => {
  const page = await stage.browser.newPage(t);
  const link = await stage.newLink();
  for (const value of hostileValues) {
    for (const name of ['lang', 'theme']) {
      const answer = await page.goto(`${link.url}?${name}=${value}`);
      assert.equal(answer.status(), 200, `${name}=${value}`);
      assert.doesNotMatch(answer.headers()['set-cookie'] ?? '', /a=b/);
      await arriveAt(page, 'pre-login');
      assert.match(await page.locator('html').getAttribute('lang'), /^(en|ar)$/, `${name}=${value}`);
      assert.equal(await page.locator('form#step').count(), 1);
    }
  }
  const { dialogs, violations, origins } = journalOf(page);
  assert.deepEqual(dialogs, []);
  assert.deepEqual(violations, []);
  assert.deepEqual([...origins], [new URL(link.url).origin]);
});

const payloads = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(2)>',
  '</title><svg onload=alert(3)>',
  "' autofocus onfocus=alert(4) x='",
  '{{7*7}}${7*7}<%= 7*7 %>',
  '&lt;b&gt; &amp; javascript:alert(5)',
];

for (const payload of payloads) {
  test(`a text of the app stays a text: ${payload}`, async (t) => {
    const app = await stage.linchpin.createApp(appFlags(payload, stage.callback.url));
    const page = await stage.browser.newPage(t);
    const person = someone();
    const link = await stage.newLink({
      clientAppId: app.id,
      clientReferenceId: payload,
      prefill: { username: payload },
      metadata: { note: payload },
    });
    await page.goto(link.url);
    assert.ok((await page.locator('body').innerText()).includes(payload), 'the name is shown as it was written');
    await walkOn(page, person, 'login');
    assert.equal(await page.locator('[name="username"]').inputValue(), payload);
    await leaveChecksToTheServer(page);
    const wrong = await signIn(page, { username: payload, password: payload });
    assert.equal(wrong.step, 'login');
    assert.equal((await press(page, 'cancel')).leaving, true);
    await stay(page, 'login');
    await walkOn(page, person);
    const parameters = new URLSearchParams(broughtBack(page));
    assert.equal(parameters.get('client_reference_id'), payload);
    assert.deepEqual([...parameters.keys()], ['status', 'connection_id', 'client_reference_id']);
    assert.deepEqual(journalOf(page).dialogs, []);
    assert.deepEqual(journalOf(page).violations, []);
  });
}

test('what a person types is never shown as anything but text', async (t) => {
  const page = await stage.browser.newPage(t);
  const link = await stage.newLink();
  await walkTo(page, link, {}, 'login');
  const typed = '"><img src=x onerror=alert(6)>@creator.sandbox.com';
  await leaveChecksToTheServer(page);
  await signIn(page, { username: typed, password: 'not-this-one' });
  assert.equal(await page.locator('[name="username"]').inputValue(), typed);
  await walkOn(page, someone('creator-otp'), '2fa');
  await leaveChecksToTheServer(page);
  await page.locator('[name="code"]').fill('<script>alert(7)</script>');
  await button(page, 'continue').click();
  await page.locator('[name="code"][aria-invalid="true"]').waitFor();
  await walkOn(page, someone('creator-otp'));
  assert.deepEqual(journalOf(page).dialogs, []);
  assert.deepEqual(journalOf(page).violations, []);
});

/** Lets the form send what the browser itself would have complained about. */
async function leaveChecksToTheServer(page) {
  await page.locator('form#step').evaluate((form) => {
    form.noValidate = true;
  });
}
