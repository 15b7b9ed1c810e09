// An account of a platform that nobody here wrote, linked in a browser: a Django site with a second factor, which the
// server knows from a file only.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openBrowser } from './support/browser.js';
import { startLinchpin } from './support/server.js';
import { startSite } from './support/site.js';
import { arriveAt, sendCode, signIn, walkTo } from './support/walk.js';
import { send } from './support/wire.js';

const CALLBACK = 'https://shop.example.com/callback';
let site, linchpin, browser;

before(async () => {
  site = await startSite();
  linchpin = await startLinchpin({ providerFiles: [await site.providerFile('django-two-factor')] });
  browser = openBrowser();
});

after(async () => {
  await browser?.close();
  await linchpin?.stop();
  await site?.stop();
});

test('a person signs in to a Django site with password and authenticator, and the app reads what was granted', async (t) => {
  const app = await linchpin.createApp([
    ...['--name', 'Shop', '--environment', 'live', '--redirect-uri', CALLBACK],
    ...['--permission', 'profile:read', '--optional-permission', 'notes:read'],
  ]);
  const apikey = await linchpin.createLiveKey();
  const answer = await linchpin.init({ clientAppId: app.id }, apikey);
  assert.equal(answer.status, 200, answer.body);
  const person = await site.someone();
  const page = await browser.newPage(t);
  await page.route(`${CALLBACK}?*`, (route) => route.fulfill({ body: '<body data-step="callback">' }));

  await walkTo(page, JSON.parse(answer.body), person, 'login');
  assert.match(await page.locator('main').innerText(), /Django site/);
  const wrong = await signIn(page, { ...person, password: 'wrong' });
  assert.equal(wrong.step, 'login');
  assert.match(wrong.problem, /password/);
  assert.equal((await signIn(page, person)).step, '2fa');
  const again = await sendCode(page, '000 000');
  assert.equal(again.step, '2fa');
  assert.match(again.problem, /code/);
  await site.operator({ command: 'forget_attempts', username: person.username });
  assert.equal((await sendCode(page, person.code)).step, 'success');
  await arriveAt(page, 'callback');

  const { searchParams } = new URL(page.url());
  assert.equal(searchParams.get('status'), 'success');
  const headers = { apikey, 'x-connection-id': searchParams.get('connection_id') };
  const profile = await send('GET', `${linchpin.apiUrl}/v2/access/self`, { headers });
  assert.equal(JSON.parse(profile.body).username, person.username);
  const notes = await send('GET', `${linchpin.apiUrl}/v2/access/proxy/notes/?a=b`, { headers });
  assert.deepEqual(JSON.parse(notes.body), { notes: [], query: { a: 'b' } });
});
