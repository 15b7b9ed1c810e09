// An account of a platform with a sign-in page of its own, linked in a browser: a certified OpenID provider, which the
// server knows from a file only.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { openBrowser } from './support/browser.js';
import { calledBack, hostPage, makeHandler } from './support/embedding.js';
import { PIECES, agree, deny, providerFile, startOpenId } from './support/openid.js';
import { startLinchpin } from './support/server.js';
import { arriveAt, button, returnToApp, settled, walkOn, walkTo } from './support/walk.js';
import { send } from './support/wire.js';

const CALLBACK = 'https://shop.example.com/callback';
const SHOP = 'https://shop.example.com';
let folder, openid, linchpin, browser, apikey, app, embedding;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'linchpin-openid-'));
  openid = await startOpenId();
  const secretFile = path.join(folder, 'client.secret');
  await writeFile(secretFile, `${openid.secret}\n`);
  linchpin = await startLinchpin({ providerFiles: [providerFile(openid, secretFile)] });
  openid.register(`${linchpin.linkUrl}/back/openid`);
  browser = openBrowser();
  apikey = await linchpin.createLiveKey();
  const flags = ['--environment', 'live', '--permission', 'profile:read', '--optional-permission', 'posts:read'];
  app = await linchpin.createApp(['--name', 'Shop', '--redirect-uri', CALLBACK, ...flags]);
  embedding = await linchpin.createApp(['--name', 'Shop', '--type', 'embed', '--origin', SHOP, ...flags]);
});

after(async () => {
  await browser?.close();
  await linchpin?.stop();
  await openid?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function newLink(fields = {}) {
  const answer = await linchpin.init({ clientAppId: app.id, ...fields }, apikey);
  assert.equal(answer.status, 200, answer.body);
  const { url } = JSON.parse(answer.body);
  return { url, secret: url.slice(url.lastIndexOf('/') + 1) };
}

/** A page of a person of their own, who is back at the shop when it is done. */
async function newPage(t, mode) {
  // The shop is not on this machine, as far as Chromium knows.
  const page = await browser.newPage(t, mode, { permissions: ['local-network-access'] });
  // The provider's development pages would have a font from elsewhere.
  await page.context().route('https://fonts.googleapis.com/**', (route) => route.abort());
  await page.context().route(`${SHOP}/**`, (route) => {
    const embeds = new URL(route.request().url()).pathname === '/embedding';
    const body = embeds
      ? hostPage(`<script src="${linchpin.linkUrl}/embed.js"></script>`)
      : '<title>Shop</title><body data-step="callback">';
    return route.fulfill({ contentType: 'text/html', body });
  });
  return page;
}

/** Leads a page to the provider's own one. */
async function goThere(page, link) {
  await walkTo(page, link, {}, 'login');
  await button(page, 'continue').click();
  await page.waitForURL(`${openid.issuer}/**`);
}

/** The connection that a page was brought back with. */
async function broughtBack(page) {
  const { step } = await arriveAt(page, 'success', 'callback');
  if (step === 'success') await returnToApp(page);
  const { searchParams } = new URL(page.url());
  assert.equal(searchParams.get('status'), 'success', page.url());
  return searchParams.get('connection_id');
}

async function api(method, target, more = {}) {
  const answer = await send(method, `${linchpin.apiUrl}${target}`, { ...more, headers: { apikey, ...more.headers } });
  return { status: answer.status, body: answer.body ? JSON.parse(answer.body) : undefined };
}

async function eventually(holds, what) {
  for (let tries = 0; !(await holds()); tries += 1) {
    assert.ok(tries < 200, `waited in vain for ${what}`);
    await pause(50);
  }
}

const self = (connection) => api('GET', '/v2/access/self', { headers: { 'x-connection-id': connection } });

/** Sends the form with which browsers come back, where no script does. */
async function comeBack(page, mode) {
  if (mode === 'scripts off') await page.locator('form#back button').click();
}

for (const mode of ['scripts on', 'scripts off']) {
  test(`a person says no on the provider's own page, then yes, and is brought back once (${mode})`, async (t) => {
    const person = `jane-${mode.replace(' ', '-')}`;
    const page = await newPage(t, mode);
    const link = await newLink();
    await walkTo(page, link, {}, 'login');
    assert.match(await page.locator('main').innerText(), /Openid asks you on its own page/);
    assert.equal(await page.locator('input[type="password"]').count(), 0);
    await button(page, 'continue').click();
    await page.waitForURL(`${openid.issuer}/**`);
    assert.equal((await api('GET', `/v2/link/${link.secret}`)).body.status, 'initialized');
    await deny(page);
    await comeBack(page, mode);
    const at = await settled(page, ({ step, problem }) => step === 'login' && problem, 'the login step');
    assert.match(at.problem, /You said no at Openid/);

    const addresses = [];
    page.on('request', (request) => request.url().includes('/back/openid?') && addresses.push(request.url()));
    await button(page, 'continue').click();
    await page.waitForURL(`${openid.issuer}/**`);
    // The trip's cookie is the only one; it goes nowhere but to the way back, and no script sees it.
    assert.deepEqual(await page.context().cookies(linchpin.linkUrl), []);
    const cookies = await page.context().cookies(`${linchpin.linkUrl}/back/openid`);
    assert.deepEqual(cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite })), [{ httpOnly: true, sameSite: 'Lax' }]);
    await agree(page, person);
    await comeBack(page, mode);
    const connection = await broughtBack(page);
    const told = await self(connection);
    assert.equal(told.body.name, `Name of ${person}`, JSON.stringify(told));
    assert.deepEqual(await page.context().cookies(`${linchpin.linkUrl}/back/openid`), [], 'and it is gone with the trip');

    const asked = openid.asked.length;
    await page.goto(addresses.at(-1));
    assert.match(await page.locator('main').innerText(), /did not begin here/);
    assert.equal(openid.asked.length, asked, 'the same address asks for nothing once more');
  });
}

test('an answer that another browser has begun connects nothing', async (t) => {
  const attacker = await newPage(t);
  const link = await newLink();
  await walkTo(attacker, link, {}, 'login');
  let there;
  await attacker.context().route(`${openid.issuer}/**`, (route) => {
    there ??= route.request().url();
    return route.abort();
  });
  await button(attacker, 'continue').click();
  await attacker.waitForTimeout(500);
  assert.ok(there, 'the address that the attacker sends to the victim');
  const victim = await newPage(t);
  await victim.goto(there);
  await agree(victim, 'victim');
  await victim.waitForURL(`${linchpin.linkUrl}/back/openid?**`);
  assert.match(await victim.locator('main').innerText(), /did not begin here/);
  assert.equal((await api('GET', `/v2/link/${link.secret}`)).body.status, 'initialized');
  // Nor does the address help the attacker's friend, who has another session of their own.
  const address = victim.url();
  const friend = await newPage(t);
  await goThere(friend, await newLink());
  await friend.goto(address);
  assert.match(await friend.locator('main').innerText(), /did not begin here/);
  // Whatever its parameters are called, the form sends itself where the browser is the right one.
  const back = new URLSearchParams({ error: 'access_denied', iss: openid.issuer, state: new URL(there).searchParams.get('state'), submit: 'x' });
  await attacker.goto(`${linchpin.linkUrl}/back/openid?${back}`);
  const at = await settled(attacker, ({ step, problem }) => step === 'login' && problem, 'the login step');
  assert.match(at.problem, /You said no at Openid/);
});

test('a connection renews its tokens, ends with its session at the provider, and is signed in to again', async (t) => {
  openid.tokenLife = 2;
  const page = await newPage(t);
  await goThere(page, await newLink());
  await agree(page, 'renewing');
  const connection = await broughtBack(page);
  const renewals = () => openid.asked.filter((asked) => asked === 'token refresh_token').length;
  const before = renewals();
  for (const times of [1, 2]) {
    await pause(2_200);
    assert.equal((await self(connection)).status, 200);
    assert.equal(renewals(), before + times, 'renewed once, with the newest refresh token');
  }
  await openid.endSessionsOf('renewing');
  const refused = await self(connection);
  assert.equal(refused.status, 401, JSON.stringify(refused));
  await eventually(async () => {
    const { body } = await api('GET', '/v2/events?limit=100');
    return body.list.some(({ type, data }) => type === 'connection.expired' && data.connection.id === connection);
  }, 'the event that webhooks carry');

  openid.tokenLife = 3_600;
  const again = await newPage(t);
  const link = await newLink({ connectionId: connection });
  await goThere(again, link);
  await agree(again, 'renewing');
  assert.equal(await broughtBack(again), connection);
  assert.equal((await self(connection)).status, 200);

  const removed = await api('DELETE', `/v2/account/connections/${connection}`);
  assert.ok(removed.status < 300, JSON.stringify(removed));
  await eventually(() => openid.asked.at(-1) === 'revocation access_token', 'the sign-out at the provider');
  assert.equal(openid.asked.at(-2), 'revocation refresh_token');
});

test('calls go through with the token: reading, sending, an upload and a long download', async (t) => {
  const page = await newPage(t);
  await goThere(page, await newLink());
  await agree(page, 'calling');
  const headers = { apikey, 'x-connection-id': await broughtBack(page) };
  const call = (method, path, more = {}) =>
    fetch(`${linchpin.apiUrl}/v2/access/proxy${path}`, { method, ...more, headers: { ...headers, ...more.headers } });
  const told = async (answer) => {
    assert.equal(answer.status, 200);
    return answer.json();
  };
  assert.deepEqual(await told(await call('GET', '/api/notes')), { of: 'calling', method: 'GET', body: '' });
  const note = { body: '{"note":1}', headers: { 'content-type': 'application/json' } };
  assert.deepEqual(await told(await call('POST', '/api/notes', note)), {
    of: 'calling',
    method: 'POST',
    type: 'application/json',
    body: '{"note":1}',
  });
  const form = new FormData();
  form.set('file', new Blob(['x'.repeat(300_000)]), 'notes.txt');
  const upload = await told(await call('POST', '/api/files', { body: form }));
  assert.match(upload.type, /^multipart\/form-data; boundary=/);
  assert.ok(upload.body.includes(`filename="notes.txt"\r\n`));
  assert.ok(upload.body.includes(`\r\n\r\n${'x'.repeat(300_000)}\r\n`));
  const long = new Uint8Array(await (await call('GET', '/api/export')).arrayBuffer());
  assert.equal(long.length, PIECES * 65_536);
  assert.ok(long.every((byte, at) => byte === Math.floor(at / 65_536)));
  assert.equal((await call('GET', '/other')).status, 403);
});

test('a framed page has the provider open in a window beside it, and goes on by itself', async (t) => {
  const page = await newPage(t);
  await page.goto(`${SHOP}/embedding`);
  const link = await newLink({ clientAppId: embedding.id });
  await makeHandler(page, { url: link.url });
  await page.locator('#opener').click();
  await page.waitForFunction(() => window.handler.ready);
  const frame = await (await page.locator('dialog iframe').elementHandle()).contentFrame();
  await walkOn(frame, {}, 'login');
  const [beside] = await Promise.all([page.waitForEvent('popup'), button(frame, 'continue').click()]);
  await beside.waitForURL(`${openid.issuer}/**`);
  await settled(frame, ({ step }) => step === 'login', 'the page that waits');
  await frame.locator('.waiting').waitFor();
  const closed = beside.waitForEvent('close');
  await agree(beside, 'framed');
  await closed;
  const told = await calledBack(page, 2);
  assert.deepEqual(told.map(([name]) => name), ['load', 'success']);
  assert.equal(told[1][1].user.username, 'framed');
});

test('a pop-up goes to the provider and back by itself, and tells the page that opened it', async (t) => {
  const page = await newPage(t);
  await page.goto(`${SHOP}/embedding`);
  const link = await newLink({ clientAppId: embedding.id });
  await makeHandler(page, { url: link.url, mode: 'popup' });
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.locator('#opener').click()]);
  await walkOn(popup, {}, 'login');
  await button(popup, 'continue').click();
  await popup.waitForURL(`${openid.issuer}/**`);
  await agree(popup, 'popped-up');
  const told = await calledBack(page, 2);
  assert.deepEqual(told.map(([name]) => name), ['load', 'success']);
  assert.equal(told[1][1].user.username, 'popped-up');
});
