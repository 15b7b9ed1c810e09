// The embed library against a link page that says whatever a test wants: whom it believes, how it ends, what it leaves.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import { journalOf, openBrowser } from './support/browser.js';
import {
  bundled, calledBack, calls, hostPage, inRepository, leftovers, makeHandler, startSite, strictPolicy,
} from './support/embedding.js';

const LINK_PAGE = '<!doctype html><html lang="en"><title>Link</title><link rel="icon" href="data:,"><h1>Link</h1><input aria-label="Name">';
const JANE = { id: '1', name: 'Jane', username: 'jane', avatar: null };
const SUCCESS = { successUrl: '', redirect: false, connection: { id: 'conn_1', userData: JANE }, user: JANE };
const LEFT = { type: 'user_exit', step: 'login', error: null };

let browser, site, link, evil;
before(async () => {
  browser = openBrowser();
  link = await startSite('localhost', { '*': LINK_PAGE });
  evil = await startSite('localhost', { '*': LINK_PAGE });
  const script = { type: 'text/javascript', body: await readFile(inRepository('crates/linchpin/static/embed.js')) };
  const headers = { 'content-security-policy': strictPolicy(link.origin) };
  site = await startSite('127.0.0.1', {
    '/embed.js': script,
    '/host.css': { type: 'text/css', body: '.long { height: 3000px } button { rotate: 3deg }' },
    '/': { body: hostPage(), headers },
    '/cut-off': { body: hostPage(), headers: { ...headers, 'cross-origin-opener-policy': 'same-origin' } },
    '/loose': hostPage('<script src="/embed.js" data-auto-init></script>'),
    '/react': (await readFile(inRepository('examples/react/index.html'), 'utf8')).replace('main.js', '/react.js'),
    '/react.js': { type: 'text/javascript', body: await bundled('examples/react/main.jsx') },
  });
});
after(async () => {
  await browser?.close();
  for (const one of [site, link, evil]) await one?.stop();
});

async function host(t, path = '/', options = {}) {
  const page = await browser.newPage(t, 'scripts on', options.context);
  // How many listen for messages: what a library leaves of them is seen nowhere else.
  await page.addInitScript(() => {
    const heard = [];
    const { addEventListener: add, removeEventListener: remove } = window;
    window.addEventListener = function (kind, run, ...more) {
      heard.push([kind, run]);
      return add.call(window, kind, run, ...more);
    };
    window.removeEventListener = function (kind, run, ...more) {
      const at = heard.findIndex((one) => one[0] === kind && one[1] === run);
      if (at >= 0) heard.splice(at, 1);
      return remove.call(window, kind, run, ...more);
    };
    window.listening = () => heard.filter(([kind]) => kind === 'message').length;
  });
  await page.goto(`${site.origin}${path}`);
  if (options.handler !== null) await makeHandler(page, { url: `${link.origin}/cs_1?kept=1`, ...options.handler });
  return page;
}

/** The frame of the link page. */
async function framed(page) {
  const element = await page.locator('dialog iframe').elementHandle();
  const frame = await element.contentFrame();
  await frame.waitForLoadState();
  return frame;
}

/** Has the link page say something; its parent, or its opener, hears it. */
const say = (where, event, metadata, target = '*') =>
  where.evaluate(
    ([data, to]) => (window.opener ?? window.parent).postMessage(data, to),
    [{ type: 'OFAUTH_LINK', event, metadata }, target],
  );

async function openedModal(t, options) {
  const page = await host(t, options?.path, options);
  await page.locator('#opener').focus();
  const before = await leftovers(page);
  await page.locator('#opener').press('Enter');
  const frame = await framed(page);
  return { page, frame, before };
}

test('the frame gets what the page needs and no more, under a strict policy, and nothing of it stays', async (t) => {
  const { page, frame, before } = await openedModal(t, { handler: { theme: 'dark' } });
  const opened = new URL(frame.url());
  assert.equal(
    opened.search,
    `?kept=1&embed=true&embed_origin=${encodeURIComponent(site.origin)}&theme=dark`,
  );
  const attributes = await page.locator('dialog iframe').evaluate((element) =>
    Object.fromEntries(element.getAttributeNames().map((name) => [name, element.getAttribute(name)])));
  assert.equal(attributes.allow, '');
  assert.equal(attributes.referrerpolicy, 'no-referrer');
  assert.equal(
    attributes.sandbox,
    'allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation',
  );
  assert.equal(await page.evaluate(() => window.handler.ready), false);

  await say(frame, 'loaded');
  assert.deepEqual(await calledBack(page, 1), [['load']]);
  assert.equal(await page.evaluate(() => window.handler.ready), true);
  // Whoever asks for the frame's visibility must not be told of an effect on it.
  const effects = await page.locator('dialog iframe').evaluate((element) => {
    const found = [];
    for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) {
      const { opacity, transform, filter, translate, visibility } = getComputedStyle(at);
      found.push(opacity, transform, filter, translate, visibility);
    }
    return [...new Set(found)].sort();
  });
  await page.waitForFunction(() => document.getAnimations().length === 0);
  assert.deepEqual(effects.filter((effect) => !effect.endsWith('px')), ['1', 'none', 'visible']);

  await say(frame, 'success', SUCCESS);
  assert.deepEqual(await calledBack(page, 2), [['load'], ['success', SUCCESS]]);
  assert.deepEqual(await leftovers(page), before);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'opener', 'the focus is back');
  await page.evaluate(() => window.handler.destroy());
  assert.deepEqual(journalOf(page).violations, []);
  assert.deepEqual(journalOf(page).consoleErrors, []);
  await assert.rejects(page.evaluate(() => window.handler.open()), /destroyed/);
});

test('forged messages achieve nothing', async (t) => {
  const { page, frame } = await openedModal(t, { path: '/loose' });
  await page.evaluate(([origin, data]) => {
    const add = (attributes) => document.body.append(Object.assign(document.createElement('iframe'), attributes));
    // The right origin, another window.
    add({ name: 'twin', src: `${origin}/twin` });
    // A null origin.
    const quote = JSON.stringify(data);
    add({ name: 'boxed', sandbox: 'allow-scripts', srcdoc: `<script>parent.postMessage(${quote}, '*')</script>` });
    // The page itself, and one whose source is gone.
    window.postMessage(data, '*');
    window.dispatchEvent(new MessageEvent('message', { data, origin, source: null }));
    for (const forged of [`${origin}.evil.example`, 'null', 'https://link.example.evil', origin.toUpperCase()]) {
      const { contentWindow: source } = document.querySelector('body > div[data-theme]').shadowRoot.querySelector('iframe');
      window.dispatchEvent(new MessageEvent('message', { data, origin: forged, source }));
    }
  }, [link.origin, { type: 'OFAUTH_LINK', event: 'success', metadata: SUCCESS }]);
  await page.waitForFunction(() => window.length === 2);
  const twin = await (await page.locator('iframe[name=twin]').elementHandle()).contentFrame();
  await twin.waitForURL(/twin/);
  await say(twin, 'success', SUCCESS);

  // The right window and origin, and a shape that is none.
  for (const [event, metadata] of [
    ['success', null],
    ['success', { ...SUCCESS, successUrl: 'javascript:document.title="taken"', redirect: true }],
    ['success', { ...SUCCESS, connection: { id: 1, userData: JANE } }],
    ['exit', { type: 'elsewhere', error: null }],
    ['exit', { type: 'error', error: 'text' }],
    ['toString', {}],
    ['constructor', {}],
  ]) await say(frame, event, metadata);
  await frame.evaluate(() => parent.postMessage('OFAUTH_LINK', '*'));

  // The window, once it has gone to another origin.
  await frame.goto(`${evil.origin}/cs_1`);
  await say(await framed(page), 'success', SUCCESS);
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
  assert.deepEqual(await calls(page), []);
  assert.equal(await page.title(), 'Shop');

  await frame.goto(`${link.origin}/cs_1`);
  await say(await framed(page), 'success', SUCCESS);
  assert.deepEqual(await calledBack(page, 1), [['success', SUCCESS]], 'what is not forged counts');
});

test('what the page is asked reaches the link page only, and a forced end needs no answer', async (t) => {
  const { page, frame, before } = await openedModal(t);
  await frame.evaluate(() => {
    window.asked = [];
    addEventListener('message', ({ data, origin }) => window.asked.push({ ...data, origin }));
  });
  await say(frame, 'loaded');
  await calledBack(page, 1);
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Close' }).press('Escape');
  await page.mouse.click(20, 400);
  const request = { type: 'OFAUTH_LINK', event: 'exit_requested', origin: site.origin };
  await frame.waitForFunction(() => window.asked.length === 3);
  assert.deepEqual(await frame.evaluate(() => window.asked), [
    { ...request, force: false }, { ...request, force: false }, { ...request, force: true },
  ], 'who insists is not asked back');
  assert.deepEqual(await calledBack(page, 2), [['load'], ['close', { type: 'forced_exit', error: null }]]);
  assert.deepEqual(await leftovers(page), before);

  // The answer of a page that does answer counts, and once.
  await page.locator('#opener').click();
  const next = await framed(page);
  await say(next, 'loaded');
  await calledBack(page, 3);
  await page.evaluate(() => window.handler.close({ force: true }));
  await say(next, 'exit', { type: 'forced_exit', step: 'pre-login', error: null });
  await page.waitForTimeout(1_600);
  assert.deepEqual((await calls(page)).slice(3), [['close', { type: 'forced_exit', step: 'pre-login', error: null }]]);
});

test('a page that never says that it can be used is an invalid session, renewed in the same window', async (t) => {
  const page = await browser.newPage(t);
  await page.clock.install();
  await page.goto(site.origin);
  await makeHandler(page, { url: `${link.origin}/cs_old` });
  await page.evaluate((next) => { window.renewal = () => Promise.resolve(next); }, `${link.origin}/cs_new`);
  await page.locator('#opener').click();
  await framed(page);
  await page.clock.fastForward(8_000);
  assert.deepEqual(await calls(page), []);
  await page.clock.fastForward(2_500);
  assert.deepEqual(await calledBack(page, 1), [['invalid']]);
  await page.waitForFunction(() => document.querySelector('body > div[data-theme]').shadowRoot.querySelector('iframe').src.includes('cs_new'));
  const frame = await framed(page);
  await say(frame, 'loaded');
  await say(frame, 'success', SUCCESS);
  await page.clock.runFor(11_000);
  assert.deepEqual(await calledBack(page, 3), [['invalid'], ['load'], ['success', SUCCESS]]);

  // Nothing to show: it ends, and the application may open again by itself.
  await page.evaluate(() => { window.renewal = undefined; });
  await page.locator('#opener').click();
  await say(await framed(page), 'invalid_session');
  assert.deepEqual((await calledBack(page, 4))[3], ['invalid']);
  await page.locator('dialog').waitFor({ state: 'detached' });
});

test('the focus stays in the modal, the page behind does not scroll, and axe finds nothing', async (t) => {
  const { page, frame } = await openedModal(t);
  await say(frame, 'loaded');
  await calledBack(page, 1);
  await frame.waitForFunction(() => document.hasFocus());
  for (let presses = 0; presses < 8; presses += 1) {
    await page.keyboard.press(presses === 5 ? 'Shift+Tab' : 'Tab');
    const where = await page.evaluate(() => document.activeElement.id);
    assert.ok(where !== 'opener' && where !== 'other', `the focus is behind the modal: ${where}`);
  }
  await page.mouse.move(20, 400);
  await page.mouse.wheel(0, 800);
  assert.equal(await page.evaluate(() => scrollY), 0);
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  // The link page has tests of its own; the host's page is not ours.
  const { violations } = await page.evaluate(() => window.axe.run('body > div[data-theme]', { preload: false, iframes: false }));
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)]), []);
});

test('opening twice is one opening, and a handler that is cleaned up opens again', async (t) => {
  const { page, frame, before } = await openedModal(t);
  await page.evaluate(() => window.handler.open());
  assert.equal(await page.locator('iframe').count(), 1);
  await say(frame, 'loaded');
  await say(frame, 'loaded');
  await calledBack(page, 1);
  await page.evaluate(() => window.handler.cleanup());
  assert.deepEqual(await leftovers(page), before);
  await page.evaluate(() => window.handler.open());
  await say(await framed(page), 'exit', LEFT);
  assert.deepEqual(await calledBack(page, 2), [['load'], ['close', LEFT]]);
  assert.deepEqual(await leftovers(page), before);
  for (const bad of ['javascript:alert(1)', '', '/cs_1', undefined]) {
    await assert.rejects(page.evaluate((url) => window.handler.setUrl(url), bad), /http or https/);
  }
});

test('it opens and ends within view transitions', async (t) => {
  const { page, frame } = await openedModal(t);
  await say(frame, 'loaded');
  await page.evaluate(async () => {
    await document.startViewTransition(() => window.handler.cleanup()).finished;
    await document.startViewTransition(() => void window.handler.open()).finished;
  });
  await say(await framed(page), 'success', SUCCESS);
  assert.equal((await calledBack(page, 2)).at(-1)[0], 'success');
});

async function openedPopup(t, path, options) {
  const page = await host(t, path, { ...options, handler: { mode: 'popup' } });
  const [popup] = await Promise.all([page.context().waitForEvent('page'), page.locator('#opener').click()]);
  await popup.waitForURL(/cs_1/);
  return { page, popup };
}

test('a popup tells its opener, and one that the user closes has ended once', async (t) => {
  const { page, popup } = await openedPopup(t);
  await say(popup, 'loaded');
  await calledBack(page, 1);
  await Promise.all([popup.waitForEvent('close'), say(popup, 'success', SUCCESS)]);
  const [next] = await Promise.all([page.context().waitForEvent('page'), page.locator('#opener').click()]);
  await next.waitForURL(/cs_1/);
  await say(next, 'loaded');
  await calledBack(page, 3);
  await next.close();
  assert.deepEqual(await calledBack(page, 4), [
    ['load'], ['success', SUCCESS], ['load'], ['close', { type: 'user_exit', error: null }],
  ]);
});

test('a popup that the browser refuses is a modal', async (t) => {
  const page = await host(t, '/', { handler: { mode: 'popup' } });
  await page.evaluate(() => { window.open = () => null; });
  assert.equal(await page.evaluate(() => window.handler.open()), 'modal');
  await say(await framed(page), 'success', SUCCESS);
  assert.deepEqual(await calledBack(page, 1), [['success', SUCCESS]]);
});

test('a popup that is cut off from its opener is followed through the application', async (t) => {
  const page = await host(t, '/cut-off', { handler: null });
  await page.evaluate(() => {
    window.answer = 'initialized';
    window.standing = () => window.answer;
  });
  await makeHandler(page, { url: `${link.origin}/cs_1`, mode: 'popup' });
  const [popup] = await Promise.all([page.context().waitForEvent('page'), page.locator('#opener').click()]);
  await popup.waitForURL(/cs_1/);
  assert.equal(await popup.evaluate(() => window.opener), null, 'it is cut off');
  await page.waitForTimeout(1_000);
  assert.deepEqual(await calls(page), [], 'that is no end');
  await page.evaluate((data) => { window.answer = { status: 'completed', data }; }, SUCCESS.connection);
  assert.deepEqual(await calledBack(page, 1), [['success', SUCCESS]]);
});

test('links with an attribute and elements open it, under both of their names', async (t) => {
  const page = await host(t, '/loose', { handler: null });
  await page.evaluate((url) => {
    window.heard = [];
    for (const kind of ['loaded', 'success', 'close', 'invalid_session']) {
      document.addEventListener(kind, (event) => window.heard.push([event.target.id, kind, event.detail.metadata ?? null]));
    }
    const add = (tag, attributes) => {
      const element = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      document.querySelector('h1').after(element);
      return element;
    };
    add('a', { id: 'new-link', 'data-link': '', href: url, 'data-link-theme': 'light' }).textContent = 'New link';
    add('a', { id: 'old-link', 'data-ofauth-link': '', href: url, 'data-ofauth-theme': 'dark' }).textContent = 'Old link';
    add('account-link', { id: 'new-element', url, theme: 'light', label: 'New element' });
    add('ofauth-link', { id: 'old-element', url, theme: 'dark', label: 'Old element' });
  }, `${link.origin}/cs_1`);
  const seen = [];
  for (const [name, theme] of [['New link', 'light'], ['Old link', 'dark'], ['New element', 'light'], ['Old element', 'dark']]) {
    await page.getByText(name, { exact: true }).click();
    const frame = await framed(page);
    assert.equal(new URL(frame.url()).searchParams.get('theme'), theme, name);
    await say(frame, 'loaded');
    await say(frame, ...(name.startsWith('New') ? ['success', SUCCESS] : ['exit', LEFT]));
    await page.locator('dialog').waitFor({ state: 'detached' });
    const id = name.toLowerCase().replace(' ', '-');
    seen.push([id, 'loaded', null], name.startsWith('New') ? [id, 'success', SUCCESS] : [id, 'close', LEFT]);
  }
  assert.deepEqual(await page.evaluate(() => window.heard), seen);
  assert.equal(await page.locator('account-link').evaluate((element) => element.shadowRoot.querySelector('[part=button]').localName), 'button');
  assert.equal(await page.evaluate(() => window.OFAuth.LinkEmbed === window.Linchpin.LinkEmbed), true);

  for (const id of ['new-link', 'new-element']) {
    await page.locator(`#${id}`).click();
    await framed(page);
    await page.locator(`#${id}`).evaluate((element) => element.remove());
    await page.locator('dialog').waitFor({ state: 'detached' });
    assert.equal((await leftovers(page)).root, null, 'what goes takes its window along');
  }
});

test('the React example survives being mounted twice, opened twice and unmounted while open', async (t) => {
  const page = await browser.newPage(t);
  let sessions = 0;
  site.files['/api/link'] = async () => Response.json({ url: `${link.origin}/cs_${(sessions += 1)}` });
  await page.goto(`${site.origin}/react`);
  const connect = page.getByRole('button', { name: 'Connect an account' });
  await connect.waitFor();
  const before = await leftovers(page);
  await connect.evaluate((button) => { button.click(); button.click(); });
  const frame = await framed(page);
  assert.equal(await page.locator('iframe').count(), 1);
  await say(frame, 'loaded');
  await say(frame, 'success', SUCCESS);
  await page.getByRole('status').getByText('Connected: Jane').waitFor();
  assert.deepEqual(await leftovers(page), before);

  await connect.click();
  await say(await framed(page), 'invalid_session');
  await page.waitForFunction(() => document.querySelector('body > div[data-theme]').shadowRoot.querySelector('iframe').src.includes('cs_4'));
  await page.getByText('Hide', { exact: true }).evaluate((button) => button.click());
  await page.locator('dialog').waitFor({ state: 'detached' });
  assert.deepEqual(await leftovers(page), before);
  assert.deepEqual(journalOf(page).consoleErrors, []);
});
