// One Chromium a test file, a new context a test, and a journal of what each page complained about.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { chromium } from 'playwright-core';

const modes = ['scripts on', 'scripts off', 'cookies blocked'];

/**
 * The three browsers that every main scenario has to work in. Where the short check runs one a second time, on another
 * store, cookies are left out: there are none in what is asked of a store.
 */
export const everyMode =
  process.env.LINCHPIN_TEST_DATABASE && process.env.LINCHPIN_CHECK === 'short' ? modes.slice(0, 2) : modes;

/** Those of every other scenario: the long check adds the browser without cookies, which no page sets. */
export const usualModes = process.env.LINCHPIN_CHECK === 'short' ? modes.slice(0, 2) : modes;

const executablePath = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';

/**
 * Features that are off. The first two draw the list below Chromium's address bar: two more pages, and their processes,
 * for every window that a test opens, and none of them is ever seen.
 */
const featuresOff = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  // The rest is what Playwright itself turns off on Linux (its `chromiumSwitches.ts`): of two such flags the later counts.
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
];

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  `--disable-features=${featuresOff.join(',')}`,
];

const VIOLATION = 'content security policy:';
const journals = new WeakMap();

/** Everything that a page said and asked for since it was made: see `keepJournal`. */
export function journalOf(page) {
  return journals.get(page);
}

/** Returns a browser whose processes start when they are first needed. */
export function openBrowser() {
  assert.ok(existsSync(executablePath), `no ${executablePath}: install Debian's chromium, or set CHROMIUM_BIN`);
  let usual;
  let cookieless;
  return {
    /**
     * A page in a context of its own, that is, another person's browser. `t` is the running test, which closes it.
     * `options` are those of a Playwright context.
     */
    async newPage(t, mode = 'scripts on', options = {}) {
      assert.ok(modes.includes(mode), mode);
      let process;
      if (mode === 'cookies blocked') {
        cookieless ??= launchWithoutCookies();
        process = (await cookieless).browser;
      } else {
        usual ??= chromium.launch({ executablePath, args });
        process = await usual;
      }
      const context = await process.newContext({
        locale: 'en-US',
        viewport: { width: 800, height: 900 },
        javaScriptEnabled: mode !== 'scripts off',
        ...options,
      });
      context.setDefaultTimeout(15_000);
      t?.after(() => context.close());
      return anotherTab(context);
    },
    async close() {
      // One that did not start has failed its test, and leaves nothing to close.
      for (const process of await Promise.allSettled([usual, cookieless])) await process.value?.close();
    },
  };
}

/** One more page of the same person. */
export async function anotherTab(context) {
  const page = await context.newPage();
  await keepJournal(page);
  return page;
}

async function keepJournal(page) {
  const journal = { consoleErrors: [], violations: [], dialogs: [], origins: new Set() };
  journals.set(page, journal);
  page.on('console', (message) => {
    const text = message.text();
    if (text.startsWith(VIOLATION)) journal.violations.push(text);
    else if (message.type() === 'error') journal.consoleErrors.push(`${text} (${message.location().url})`);
  });
  page.on('pageerror', (error) => journal.consoleErrors.push(String(error)));
  page.on('dialog', (dialog) => {
    journal.dialogs.push(dialog.message());
    dialog.dismiss().catch(() => {});
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http')) journal.origins.add(origin);
  });
  await page.addInitScript((mark) => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.debug(`${mark} ${event.effectiveDirective} refused ${event.blockedURI} on ${event.documentURI}`);
    });
  }, VIOLATION);
}

async function launchWithoutCookies() {
  const profile = await mkdtemp(path.join(tmpdir(), 'linchpin-e2e-profile-'));
  await mkdir(path.join(profile, 'Default'));
  await writeFile(
    path.join(profile, 'Default', 'Preferences'),
    JSON.stringify({ profile: { default_content_setting_values: { cookies: 2 } } }),
  );
  // Contexts made from a browser with this profile inherit its content settings.
  const owner = await chromium.launchPersistentContext(profile, { executablePath, args });
  const close = async () => {
    await owner.close();
    await rm(profile, { recursive: true, force: true });
  };
  try {
    await assertNoCookieIsKept(owner.browser());
  } catch (error) {
    await close();
    throw error;
  }
  return { browser: owner.browser(), close };
}

/** Without this, a preference that Chromium stops to honour would turn a third of the tests into repetitions. */
async function assertNoCookieIsKept(browser) {
  const received = [];
  const site = http.createServer((request, response) => {
    received.push(request.headers.cookie);
    response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'kept=yes; Path=/' }).end('<!doctype html>');
  });
  await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const address = `http://127.0.0.1:${site.address().port}/`;
    await page.goto(address);
    await page.goto(address);
    assert.ok(received.length >= 2 && received.every((cookie) => cookie === undefined), 'cookies are not blocked');
    assert.equal(await page.evaluate(() => document.cookie), '', 'cookies are not blocked');
  } finally {
    await context.close();
    site.closeAllConnections();
    site.close();
  }
}
