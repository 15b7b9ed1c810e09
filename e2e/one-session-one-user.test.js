// Looking consumes nothing; the first browser that acts owns the link; one link makes one attempt and one connection.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { anotherTab, everyMode } from './support/browser.js';
import { setStage } from './support/stage.js';
import {
  arriveAt, button, CODE, connectionBroughtBack, fillSignIn, movedOn, press, returnToApp, sendCode, settled, signIn,
  someone, standing, typeCode, walkOn, walkTo,
} from './support/walk.js';
import { postForm, send } from './support/wire.js';

const stage = setStage();

const lookers = [
  'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  'Twitterbot/1.0',
  'WhatsApp/2.23.20.0',
  'TelegramBot (like TwitterBot)',
  'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'LinkedInBot/1.0 (compatible; Mozilla/5.0; +http://www.linkedin.com)',
  'SkypeUriPreview Preview/0.5',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
];

/** Asserts that this link made the connection that the page brought back, and made it once. */
async function assertOneConnection(page, link) {
  const connection = connectionBroughtBack(page);
  const { status, data } = await stage.linchpin.status(link.secret);
  assert.equal(status, 'completed');
  assert.equal(data.id, connection);
  return connection;
}

test('twenty looks by link previews, scanners and prefetches consume nothing', async (t) => {
  const link = await stage.newLink();
  for (const agent of lookers) {
    const looked = await send('HEAD', link.url, { headers: { 'user-agent': agent } });
    assert.equal(looked.status, 200, agent);
    const headers = { 'user-agent': agent, purpose: 'prefetch', 'sec-purpose': 'prefetch;prerender' };
    assert.equal((await send('GET', link.url, { headers })).status, 200, agent);
  }
  assert.equal((await stage.linchpin.status(link.secret)).status, 'initialized');
  const page = await stage.browser.newPage(t);
  await walkTo(page, link, someone());
  await assertOneConnection(page, link);
});

for (const mode of everyMode) {
  test(`a second browser is told that the link is in use, and the first goes on (${mode})`, async (t) => {
    const first = await stage.browser.newPage(t, mode);
    const early = await stage.browser.newPage(t, mode);
    const late = await stage.browser.newPage(t, mode);
    const link = await stage.newLink();
    await early.goto(link.url);
    await walkTo(first, link, {}, 'authorization');

    const answer = await late.goto(link.url);
    assert.equal(answer.status(), 409);
    assert.equal(await late.locator('form#step').count(), 0);
    assert.equal(await late.locator('main a[href*="/f/"], main a[href*="status="]').count(), 0, 'no way in');

    const pressed = await press(early, 'continue');
    assert.equal(pressed.step, 'error', 'a page that was opened before the first one acted is too late too');
    assert.equal(await early.locator('main').innerText(), await late.locator('main').innerText());

    await walkOn(first, someone());
    await assertOneConnection(first, link);
  });

  test(`double clicks on each button make one attempt and one connection (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    const link = await stage.newLink();
    const person = someone('creator-otp');
    await page.goto(link.url);
    await doubleClick(page, 'pre-login');
    await doubleClick(page, 'authorization');
    await settled(page, (at) => at.step === 'login', 'login');
    await fillSignIn(page, person);
    await doubleClick(page, 'login');
    await settled(page, (at) => at.step === '2fa', '2fa');
    await typeCode(page, CODE);
    await doubleClick(page, '2fa');
    await walkOn(page, person);
    await assertOneConnection(page, link);
  });

  test(`a double click with a wrong password costs one try (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    const wrong = { ...someone(), password: 'not-this-one' };
    await walkTo(page, await stage.newLink(), wrong, 'login');
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await fillSignIn(page, wrong);
      await doubleClick(page, 'login');
      assert.equal((await standing(page)).step, 'login', `attempt ${attempt}`);
    }
    assert.equal((await signIn(page, wrong)).step, 'callback');
  });

  test(`reload and back never repeat what was done (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    const link = await stage.newLink();
    const person = someone('creator-otp');
    await page.goto(link.url);
    let flowUrl;
    for (const step of ['pre-login', 'authorization', 'login', '2fa']) {
      await walkOn(page, person, step);
      await page.reload();
      await arriveAt(page, step);
      if (step === 'pre-login') continue;
      flowUrl ??= page.url();
      await page.goBack();
      await page.goto(flowUrl);
      await arriveAt(page, step);
    }
    await walkOn(page, person);
    await assertOneConnection(page, link);
  });

  test(`two tabs of one flow end in one connection (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    const link = await stage.newLink();
    const person = someone('creator-otp');
    await walkTo(page, link, person, 'authorization');
    const tab = await anotherTab(page.context());
    await tab.goto(page.url());
    await arriveAt(tab, 'authorization');

    // A person presses in the tab that is in front; Chromium seldom draws another.
    await page.bringToFront();
    await press(page, 'continue');
    await tab.bringToFront();
    assert.equal((await press(tab, 'continue')).step, 'login', 'the slower tab is shown where the flow stands');
    await signIn(tab, person);
    await page.bringToFront();
    await fillSignIn(page, person);
    assert.equal((await press(page, 'continue')).step, '2fa');
    await sendCode(page, CODE);
    await walkOn(page, person);
    const connection = await assertOneConnection(page, link);

    await tab.bringToFront();
    await typeCode(tab, CODE);
    await press(tab, 'continue');
    await returnToApp(tab);
    assert.equal(connectionBroughtBack(tab), connection);
    await assertOneConnection(page, link);
  });
}

/** Double-clicks the primary button and waits for what comes of it. */
async function doubleClick(page, step) {
  const before = await standing(page);
  // Where the first click was so quick that the next page came, the second has met its button already.
  if (before.step !== step) return;
  await button(page, 'continue').dblclick({ noWaitAfter: true });
  await movedOn(page, before);
}

test('of two browsers that press at the same moment one goes on', async (t) => {
  const pages = [await stage.browser.newPage(t), await stage.browser.newPage(t)];
  const link = await stage.newLink();
  for (const page of pages) await page.goto(link.url);
  const steps = await Promise.all(pages.map(async (page) => (await press(page, 'continue')).step));
  assert.deepEqual([...steps].sort(), ['authorization', 'error']);
  const winner = pages[steps.indexOf('authorization')];
  await walkOn(winner, someone());
  await assertOneConnection(winner, link);
});

test('thirty-two posts of one form count as one', async (t) => {
  const page = await stage.browser.newPage(t, 'scripts off');
  const wrong = { ...someone(), password: 'not-this-one' };
  await walkTo(page, await stage.newLink(), wrong, 'login');
  const { postTo, token } = await standing(page);
  const fields = { token, action: 'continue', username: wrong.username, password: wrong.password };
  const answers = await Promise.all(Array.from({ length: 32 }, () => postForm(postTo, fields)));
  for (const answer of answers) assert.ok(answer.status < 400, `${answer.status}`);
  await page.reload();
  await arriveAt(page, 'login');
  for (let attempt = 2; attempt <= 4; attempt += 1) assert.equal((await signIn(page, wrong)).step, 'login');
  assert.equal((await signIn(page, wrong)).step, 'callback');
});

test('the first form, sent twice, leads to the same flow; another rendering of it to the in-use page', async () => {
  const link = await stage.newLink();
  const [mine, other] = [await formToken(link.url), await formToken(link.url)];
  assert.notEqual(mine, other, 'each rendering has a token of its own');
  const provider = 'sandbox';
  const first = await postForm(link.url, { token: mine, action: 'continue', provider });
  assert.equal(first.status, 303);
  assert.match(new URL(first.headers.location, link.url).pathname, /^\/f\//);
  const again = await postForm(link.url, { token: mine, action: 'continue', provider });
  assert.equal(again.status, 303);
  assert.equal(again.headers.location, first.headers.location);
  assert.equal((await postForm(link.url, { token: other, action: 'continue', provider })).status, 409);
});

async function formToken(url) {
  const { body } = await send('GET', url);
  const input = /<input[^>]*name="?token"?[^>]*>/.exec(body);
  assert.ok(input, 'the page has a form token');
  return /value="?([^"\s>]+)/.exec(input[0])[1];
}

test('a spent step token does nothing and leads to where the flow stands', async (t) => {
  const page = await stage.browser.newPage(t);
  const link = await stage.newLink();
  const person = someone('creator-otp');
  const spent = [];
  await page.goto(link.url);
  for (const step of ['authorization', 'login', '2fa', 'success']) {
    if (step !== 'authorization') spent.push(await standing(page));
    await walkOn(page, person, step);
    const before = await stage.linchpin.status(link.secret);
    for (const old of spent) await assertDoesNothing(old, person, before, link);
    if (step !== 'success') {
      await page.reload();
      await arriveAt(page, step);
    }
  }
  await walkOn(page, person);
  await assertOneConnection(page, link);
});

/** Sends an old form again, with every button that could still do harm. */
async function assertDoesNothing(old, person, before, link) {
  for (const action of ['continue', 'cancel', 'resend', 'another']) {
    const fields = { token: old.token, action, confirm: 'yes', ...person };
    const answer = await postForm(old.postTo, fields);
    assert.equal(answer.status, 303, `${old.step} ${action}`);
    const location = new URL(answer.headers.location, old.postTo);
    assert.equal(location.origin, new URL(old.postTo).origin);
    assert.equal(location.pathname, new URL(old.postTo).pathname);
    assert.deepEqual(await stage.linchpin.status(link.secret), before, `${old.step} ${action}`);
  }
}

test('a made-up token and no token at all are refused', async (t) => {
  const page = await stage.browser.newPage(t);
  const link = await stage.newLink();
  await page.goto(link.url);
  for (const step of ['pre-login', 'authorization', 'login']) {
    await walkOn(page, someone(), step);
    const { token, postTo } = await standing(page);
    const changed = (token.startsWith('A') ? 'B' : 'A') + token.slice(1);
    for (const wrong of [changed, randomBytes(32).toString('base64url'), '', 'é'.repeat(300)]) {
      assert.equal((await postForm(postTo, { token: wrong, action: 'continue' })).status, 403, `${step}: ${wrong}`);
    }
    assert.equal((await postForm(postTo, { action: 'continue' })).status, 403, step);
    await page.reload();
    await arriveAt(page, step);
  }
});

test('a form sent from another site is refused, one without a known origin is taken', async (t) => {
  const page = await stage.browser.newPage(t);
  const link = await stage.newLink();
  await walkTo(page, link, {}, 'authorization');
  const { token, postTo } = await standing(page);
  const fields = { token, action: 'continue' };
  const foreign = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://evil.example' },
    { origin: `${stage.linchpin.linkUrl}.evil.example` },
    { origin: 'null', 'sec-fetch-site': 'cross-site' },
  ];
  for (const headers of foreign) {
    assert.equal((await postForm(postTo, fields, headers)).status, 403, JSON.stringify(headers));
  }
  await page.reload();
  await arriveAt(page, 'authorization');
  const taken = await standing(page);
  const answer = await postForm(taken.postTo, { token: taken.token, action: 'continue' }, { origin: 'null' });
  assert.equal(answer.status, 303);
  await page.reload();
  await arriveAt(page, 'login');
});

test('nothing that was fixed at init can be changed from the browser', async (t) => {
  const page = await stage.browser.newPage(t);
  const link = await stage.newLink();
  const hostile = 'redirect_url=https://evil.example&redirectUrl=https://evil.example&next=//evil.example&app_id=app_x';
  await page.goto(`${link.url}?${hostile}&clientReferenceId=user_666&client_reference_id=user_666`);
  await walkOn(page, someone());
  await assertOneConnection(page, link);
});
