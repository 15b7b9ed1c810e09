// An account of a platform with a sign-in page of its own, linked on a phone that has taken over from a desktop: the trip
// to the platform and back is the phone's.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openBrowser } from './support/browser.js';
import { PHONE, phraseOn, pick, scan } from './support/camera.js';
import { agree, deny } from './support/openid.js';
import { startPlatform } from './support/platform.js';
import { startLinchpin } from './support/server.js';
import { arriveAt, button, press, settled, walkTo } from './support/walk.js';

const SHOP = 'https://shop.example.com';
let platform, openid, linchpin, browser, newLink;

before(async () => {
  platform = await startPlatform();
  openid = platform.openid;
  linchpin = await startLinchpin({ providerFiles: [platform.file] });
  browser = openBrowser();
  newLink = await (await platform.serve(linchpin)).linksOf('Shop');
});

after(async () => {
  await browser?.close();
  await linchpin?.stop();
  await platform?.stop();
});

/** A page of a browser of its own, in which the shop is there and the provider has no fonts from elsewhere. */
async function newPage(t, mode, options = {}) {
  const page = await browser.newPage(t, mode, { permissions: ['local-network-access'], ...options });
  await page.context().route('https://fonts.googleapis.com/**', (route) => route.abort());
  await page.context().route(`${SHOP}/**`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<title>Shop</title><body data-step="callback">' }),
  );
  return page;
}

/** The desktop says that the phone goes on. */
const waits = (desktop) => desktop.getByRole('heading', { name: 'Now continue on your phone', level: 1 }).waitFor();

/** A desktop that waits, and its phone at the login step. */
async function takenOver(t, mode, phoneMode = mode) {
  const desktop = await newPage(t, mode);
  await walkTo(desktop, await newLink(), {}, 'login');
  await press(desktop, 'phone');
  await arriveAt(desktop, 'phone');
  const phone = await newPage(t, phoneMode, PHONE);
  await phone.goto(await scan(browser, desktop, linchpin.linkUrl));
  await arriveAt(phone, 'hand-off');
  await pick(phone, await phraseOn(desktop)).click();
  await arriveAt(phone, 'login');
  await waits(desktop);
  return { desktop, phone };
}

/** Sends the phone to the provider. */
async function goThere(phone) {
  await button(phone, 'continue').click();
  await phone.waitForURL(`${openid.issuer}/**`);
}

/** Where no script does it, a person sends what the provider's page has brought back. */
async function comeBack(page, mode) {
  if (mode === 'scripts off') await page.locator('form#back button').click();
}

/**
 * Where a page goes back to the app, as it asks for it: what Chromium is redirected to is not answered by a test, so that
 * there may be no page.
 */
async function backAtTheApp(page) {
  const request = await page.waitForRequest((each) => each.url().startsWith(`${SHOP}/callback?`), { timeout: 60_000 });
  return new URL(request.url()).searchParams;
}

const tripCookies = (page) => page.context().cookies(`${linchpin.linkUrl}/back/openid`);

for (const mode of ['scripts on', 'scripts off']) {
  test(`a phone that has taken over goes to the provider and back, and the desktop goes back to the app (${mode})`, async (t) => {
    const { desktop, phone } = await takenOver(t, mode);
    await goThere(phone);
    await deny(phone);
    await comeBack(phone, mode);
    const at = await settled(phone, ({ step, problem }) => step === 'login' && problem, 'the login step');
    assert.match(at.problem, /You said no at Openid/);
    await waits(desktop);

    await goThere(phone);
    assert.equal((await tripCookies(phone)).length, 1);
    assert.deepEqual(await tripCookies(desktop), []);
    const back = backAtTheApp(desktop);
    await agree(phone, `phone-${mode.replace(' ', '-')}`);
    await comeBack(phone, mode);
    await arriveAt(phone, 'success');
    assert.equal(await phone.locator('main a').count(), 0, 'the phone has no way to the app');
    assert.deepEqual(await tripCookies(phone), [], 'the cookie is gone with the trip');
    const told = await back;
    assert.equal(told.get('status'), 'success', String(told));
    assert.match(told.get('connection_id'), /^conn_/);
  });
}

test('whoever opens on the desktop what the provider has sent to the phone gets nothing, and the phone still finishes', async (t) => {
  // Without scripts the phone stays at the address until its person goes on.
  const { desktop, phone } = await takenOver(t, 'scripts on', 'scripts off');
  await goThere(phone);
  await agree(phone, 'carried');
  await phone.locator('form#back').waitFor();
  const address = phone.url();
  const asked = openid.asked.length;
  const beside = await desktop.context().newPage();
  await beside.goto(address);
  assert.match(await beside.locator('main').innerText(), /did not begin here/);
  assert.equal(await beside.locator('form#back').count(), 0);
  assert.equal(openid.asked.length, asked, 'the provider is asked for nothing');
  await beside.close();
  await waits(desktop);

  const back = backAtTheApp(desktop);
  await comeBack(phone, 'scripts off');
  await arriveAt(phone, 'success');
  assert.equal((await back).get('status'), 'success');
});

test('a desktop that takes back leaves the phone with nothing when it returns', async (t) => {
  const { desktop, phone } = await takenOver(t);
  await goThere(phone);
  await button(desktop, 'here').click();
  await arriveAt(desktop, 'login');
  const asked = openid.asked.length;
  await agree(phone, 'too-late');
  await phone.waitForURL(`${linchpin.linkUrl}/**`);
  await phone.getByRole('heading', { name: 'The other screen has taken over', level: 1 }).waitFor();
  assert.equal(openid.asked.length, asked, 'the provider is asked for nothing');
  await goThere(desktop);
  await agree(desktop, 'after-all');
  await arriveAt(desktop, 'success', 'callback');
});
