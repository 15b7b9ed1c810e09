// The link page within a developer's page of another origin: whatever the user does there, the developer's page hears it once.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFile } from 'node:fs/promises';

import { anotherTab, journalOf } from './support/browser.js';
import {
  bundled, calls as everyCall, hostPage, inRepository, leftovers, makeHandler, startSite, strictPolicy,
} from './support/embedding.js';
import { openStage } from './support/stage.js';
import { CODE, PASSWORD, arriveAt, button, fillSignIn, press, someone, typeCode, walkOn } from './support/walk.js';

let stage;
let shop;
let stranger;
let app;
let redirecting;
before(async () => {
  stage = await openStage({ movableClock: true });
  const { linchpin } = stage;
  // The server speaks on 127.0.0.1, so that these are of another site.
  assert.match(linchpin.linkUrl, /^http:\/\/127\.0\.0\.1:/);
  shop = await startSite('localhost', {});
  stranger = await startSite('localhost', { '*': hostPage(`<script src="${linchpin.linkUrl}/embed.js"></script>`) });
  const flags = ['--type', 'embed', '--origin', shop.origin, '--permission', 'profile:read', '--optional-permission', 'posts:read'];
  app = await linchpin.createApp(['--name', 'Shop', ...flags]);
  redirecting = await linchpin.createApp(
    ['--name', 'Shop', ...flags, '--redirect-uri', `${shop.origin}/connected`, '--redirect-on-success']);

  const { url, integrity } = await (await fetch(`${linchpin.linkUrl}/embed.json`)).json();
  const headers = { 'content-security-policy': strictPolicy(linchpin.linkUrl) };
  const page = hostPage(`<script src="${url}" integrity="${integrity}" crossorigin="anonymous"></script>`);
  shop.files['/'] = { body: page, headers };
  shop.files['/framing'] = { body: page };
  shop.files['/cut-off'] = { body: page, headers: { ...headers, 'cross-origin-opener-policy': 'same-origin' } };
  shop.files['/host.css'] = { type: 'text/css', body: '.long { height: 3000px }' };
  shop.files['/connected'] = '<!doctype html><html lang="en"><title>Shop</title><body data-step="callback"><h1>Connected</h1>';

  // The route of the example, which reads its settings once.
  Object.assign(process.env, {
    LINCHPIN_API_URL: linchpin.apiUrl, LINCHPIN_API_KEY: linchpin.apiKey, LINCHPIN_APP_ID: app.id,
  });
  const route = await bundled('examples/next-route/app/api/link/route.ts', { define: {} });
  const { POST, GET } = await import(`data:text/javascript,${encodeURIComponent(route)}`);
  shop.files['/api/link'] = (request) => (request.method === 'POST' ? POST(request) : GET(request));
});
after(async () => {
  for (const site of [shop, stranger]) await site?.stop();
  await stage?.close();
});

/** What the handler called back, but for what it tells of the sandbox on each screen. */
const calls = async (page) => (await everyCall(page)).filter(([name]) => name !== 'sandbox');

async function calledBack(page, count) {
  await page.waitForFunction((wanted) => window.calls.filter(([name]) => name !== 'sandbox').length >= wanted, count);
  return calls(page);
}

/** A page of the shop, ready to open a session. */
async function inShop(t, { mode, at = '/', link, ...options } = {}) {
  const page = await stage.browser.newPage(t, mode);
  await page.goto(`${shop.origin}${at}`);
  const made = link ?? (await stage.newLink({ clientAppId: app.id, redirectUrl: undefined }));
  await makeHandler(page, { url: made.url, ...options });
  return { page, link: made, before: await leftovers(page) };
}

/** The link page in the modal, once it has said that it can be used. */
async function modal(page) {
  await page.locator('#opener').click();
  await page.waitForFunction(() => window.handler.ready);
  return (await page.locator('dialog iframe').elementHandle()).contentFrame();
}

async function endsWith(page, before, ...wanted) {
  const told = await calledBack(page, wanted.length + 1);
  assert.deepEqual(told, [['load'], ...wanted]);
  await page.waitForTimeout(100);
  assert.deepEqual(await calls(page), told, 'once');
  assert.deepEqual(await leftovers(page), before);
}

async function succeeds(page, before, link) {
  const { status, data } = await statusOnce(link, 'completed');
  const userData = data.userData;
  await endsWith(page, before, ['success', {
    successUrl: '', redirect: false, connection: { id: data.id, userData }, user: userData,
  }]);
  assert.equal(status, 'completed');
}

/** Walks on and signs in; what comes next is the developer's page's to see. */
async function connects(where, person = someone()) {
  await walkOn(where, person, 'login');
  await fillSignIn(where, person);
  await button(where, 'continue').click();
}

async function statusOnce(link, wanted) {
  for (let tries = 0; ; tries += 1) {
    const answer = await stage.linchpin.status(link.secret);
    if (answer.status === wanted || tries > 200) return answer;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

for (const mode of ['scripts on', 'cookies blocked']) {
  // Chromium blocks third-party cookies in contexts like these, as in its private windows; the test makes sure.
  const blocked = mode === 'scripts on' ? 'third-party cookies' : 'all cookies';
  test(`a connection is made in a modal with ${blocked} blocked, and the page hears it`, async (t) => {
    const { page, link, before } = await inShop(t, { mode });
    const tab = await anotherTab(page.context());
    await tab.goto(`${stage.linchpin.linkUrl}/healthz`);
    assert.equal(await keepsCookies(tab), mode === 'scripts on');
    await tab.close();

    const frame = await modal(page);
    assert.equal(await keepsCookies(frame), false);
    await walkOn(frame, someone('creator-otp'), '2fa');
    await typeCode(frame, CODE);
    await button(frame, 'continue').click();
    await succeeds(page, before, link);
    assert.deepEqual(journalOf(page).violations, []);
  });
}

function keepsCookies(where) {
  return where.evaluate(() => {
    document.cookie = 'kept=yes; SameSite=None; Secure';
    return document.cookie !== '';
  });
}

for (const step of ['pre-login', 'authorization', 'login', '2fa']) {
  test(`leaving at ${step} tells the page that step, by the page's own Cancel and by the modal's button`, async (t) => {
    const { page, link, before } = await inShop(t);
    const frame = await modal(page);
    await walkOn(frame, someone('creator-otp'), step);
    if (step === 'login' || step === 'pre-login') await page.getByRole('button', { name: 'Close' }).click();
    else await press(frame, 'cancel');
    await frame.locator('form#step [name="confirm"][value="yes"]').waitFor({ state: 'attached' });
    await button(frame, 'cancel').click();
    await endsWith(page, before, ['close', { type: 'user_exit', step, error: null }]);
    assert.equal((await stage.linchpin.status(link.secret)).status, 'denied');
  });
}

test('in the sandbox the page is told on each screen what can be tried, and by which account it is', async (t) => {
  const { page } = await inShop(t);
  const frame = await modal(page);
  const person = someone('fan-otp');
  await walkOn(frame, person, '2fa');
  const infos = (await everyCall(page)).filter(([name]) => name === 'sandbox').map(([, info]) => info);
  const screens = infos.map(({ currentScreen, activeScenarioId }) => `${currentScreen} ${activeScenarioId}`);
  assert.deepEqual([...new Set(screens)], ['pre-login creator', 'authorization creator', 'login creator', 'otp fan-otp']);
  assert.deepEqual(infos[0].scenarios.map(({ id, accountType, loginType, password, otpCode }) => [id, accountType, loginType, password, otpCode]), [
    ['creator', 'creator', 'password', PASSWORD, undefined],
    ['fan', 'fan', 'password', PASSWORD, undefined],
    ['creator-otp', 'creator', 'app_otp', PASSWORD, CODE.replace(' ', '')],
    ['fan-otp', 'fan', 'app_otp', PASSWORD, CODE.replace(' ', '')],
  ]);
});

test('a page that lays something over the frame cannot have its button pressed', async (t) => {
  const { page } = await inShop(t);
  const frame = await modal(page);
  await page.evaluate(() => {
    const cover = Object.assign(document.createElement('div'), { id: 'cover', popover: 'manual', textContent: 'Win a prize' });
    cover.style.cssText = 'inset: 0; inline-size: 100%; block-size: 100%; pointer-events: none; background: #fff';
    document.body.append(cover);
    cover.showPopover();
  });
  await button(frame, 'continue').click();
  await frame.locator('#covered').waitFor();
  assert.equal(await frame.locator('body').getAttribute('data-step'), 'pre-login');
  await page.evaluate(() => document.querySelector('#cover').remove());
  await page.waitForTimeout(300);
  assert.equal((await press(frame, 'continue')).step, 'authorization');
});

test('the page is asked to close by the page around it and by no other window', async (t) => {
  const { page, link } = await inShop(t, { at: '/framing' });
  const frame = await modal(page);
  await walkOn(frame, someone(), 'login');
  const request = { type: 'OFAUTH_LINK', event: 'exit_requested', force: true };
  // A window of the right origin that is not the one around the page. (One of another origin cannot even reach it.)
  await page.evaluate(() => {
    const twin = Object.assign(document.createElement('iframe'), { name: 'twin', src: location.href });
    return new Promise((resolve) => { twin.onload = resolve; document.body.append(twin); });
  });
  await page.frame({ name: 'twin' }).evaluate((message) => {
    const { shadowRoot } = parent.document.querySelector('body > div[data-theme]');
    window.target = shadowRoot.querySelector('iframe').contentWindow;
    window.target.postMessage(message, '*');
  }, request);
  await page.waitForTimeout(300);
  assert.equal(await frame.locator('body').getAttribute('data-step'), 'login');
  assert.equal((await stage.linchpin.status(link.secret)).status, 'initialized');
});

test('a forced close ends the session without a question', async (t) => {
  const { page, link, before } = await inShop(t);
  const frame = await modal(page);
  await walkOn(frame, someone(), 'login');
  await page.evaluate(() => window.handler.close({ force: true }));
  await endsWith(page, before, ['close', { type: 'forced_exit', step: 'login', error: null }]);
  assert.equal((await statusOnce(link, 'denied')).status, 'denied');
});

test('a session that ends in an error tells which', async (t) => {
  const { page, before } = await inShop(t);
  const frame = await modal(page);
  await connects(frame, someone('locked'));
  const [, [kind, metadata]] = await calledBack(page, 2);
  assert.equal(kind, 'close');
  assert.equal(metadata.type, 'error');
  assert.equal(metadata.error.error_type, 'account_locked');
  assert.deepEqual(await leftovers(page), before);
});

test('a session that has run out is renewed by the application, in the same window', async (t) => {
  const { page, before } = await inShop(t);
  await page.evaluate(() => {
    window.renewal = async () => (await (await fetch('/api/link', { method: 'POST' })).json()).url;
  });
  await stage.linchpin.moveClock('+2h');
  try {
    await page.locator('#opener').click();
    await page.waitForFunction(() => window.handler.ready, undefined, { timeout: 20_000 });
    const frame = await (await page.locator('dialog iframe').elementHandle()).contentFrame();
    await connects(frame);
    const told = await calledBack(page, 3);
    assert.deepEqual(told.map(([name]) => name), ['invalid', 'load', 'success']);
    assert.deepEqual(await leftovers(page), before);
    const status = await page.evaluate(async () => (await fetch('/api/link')).json());
    assert.equal(status.status, 'completed');
    assert.equal(status.data.id, told[2][1].connection.id, 'the backend says the same');
  } finally {
    await stage.linchpin.moveClock('+0');
  }
});

test('an origin that is not registered can neither frame the page nor hear a word, whatever it says it is', async (t) => {
  const link = await stage.newLink({ clientAppId: app.id, redirectUrl: undefined });
  const page = await stage.browser.newPage(t);
  await page.goto(stranger.origin);
  await page.evaluate(() => {
    window.heard = [];
    addEventListener('message', ({ data }) => window.heard.push(data));
  });
  for (const claimed of [shop.origin, stranger.origin, '*', 'null', '']) {
    await page.evaluate(({ url, origin }) => {
      const frame = document.createElement('iframe');
      frame.src = `${url}?embed=true&embed_origin=${encodeURIComponent(origin)}`;
      return new Promise((resolve) => {
        frame.onload = resolve;
        document.body.append(frame);
      });
    }, { url: link.url, origin: claimed });
  }
  assert.equal(page.frames().length, 6);
  for (const frame of page.frames().slice(1)) await frame.waitForURL(/^chrome-error:/);

  const [popup] = await Promise.all([
    page.context().waitForEvent('page'),
    page.evaluate((url) => void window.open(url), `${link.url}?embed=true&embed_origin=${encodeURIComponent(shop.origin)}`),
  ]);
  await connects(popup);
  assert.equal((await statusOnce(link, 'completed')).status, 'completed');
  await page.waitForTimeout(300);
  assert.deepEqual(await page.evaluate(() => window.heard), []);
});

for (const at of ['/', '/cut-off']) {
  const what = at === '/' ? 'that has its opener tells it of a connection' : 'that is cut off from its opener is followed through the application';
  test(`a popup ${what}`, async (t) => {
    const page = await stage.browser.newPage(t);
    await page.goto(`${shop.origin}${at}`);
    const { url } = await page.evaluate(async () => (await fetch('/api/link', { method: 'POST' })).json());
    if (at !== '/') await page.evaluate(() => { window.standing = async () => (await fetch('/api/link')).json(); });
    await makeHandler(page, { url, mode: 'popup' });
    const [popup] = await Promise.all([page.context().waitForEvent('page'), page.locator('#opener').click()]);
    await arriveAt(popup, 'pre-login');
    assert.equal(await popup.evaluate(() => window.opener === null), at !== '/');
    await connects(popup);
    await page.waitForFunction(() => window.calls.some(([name]) => name === 'success'));
    const told = await calls(page);
    assert.deepEqual(told.map(([name]) => name), at === '/' ? ['load', 'success'] : ['success']);
    assert.match(told.at(-1)[1].connection.id, /^conn_/);
  });
}

test('the plain page with one script tag is led to where the app redirects', async (t) => {
  const link = await stage.newLink({ clientAppId: redirecting.id, redirectUrl: undefined, clientReferenceId: 'plain' });
  const html = await readFile(inRepository('examples/plain-html/index.html'), 'utf8');
  shop.files['/plain'] = html.replace('https://link.example.com', stage.linchpin.linkUrl).replace('{{ link_url }}', link.url);
  const page = await stage.browser.newPage(t);
  await page.goto(`${shop.origin}/plain`);
  await page.getByRole('link', { name: 'Connect an account' }).click();
  const frame = await (await page.locator('dialog iframe').elementHandle()).contentFrame();
  await connects(frame);
  await page.waitForURL(/\/connected\?status=success&connection_id=conn_\w+&client_reference_id=plain$/);
});
