// What a test file needs before its first test: the server, the developer's site and app, and a browser.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { openBrowser } from './browser.js';
import { startCallback } from './callback.js';
import { pastEveryPage } from './every-page.js';
import { startLinchpin } from './server.js';

/** The value of `clientReferenceId` unless a test gives another. */
export const REFERENCE = 'user_123';

/** Sets the stage before the file's first test and clears it after the last. */
export function setStage(options = {}) {
  const stage = {};
  before(async () => {
    Object.assign(stage, await openStage(options));
  });
  after(() => stage.close?.());
  return stage;
}

/**
 * The same outside of the test runner; `close` is then the caller's duty. With `platform` there is one that people sign in
 * to on its own page, as `pastEveryPage` needs it.
 */
export async function openStage({ platform: wanted = false, ...options } = {}) {
  const callback = await startCallback();
  const started = wanted ? await (await import('./platform.js')).startPlatform() : undefined;
  let linchpin;
  let browser;
  const close = async () => {
    await browser?.close();
    await callback.stop();
    await linchpin?.stop();
    await started?.stop();
  };
  try {
    linchpin = await startLinchpin({ ...(started && { providerFiles: [started.file] }), ...options });
    browser = openBrowser();
    const app = await linchpin.createApp(appFlags('Shop', callback.url));
    const newLink = newLinks(linchpin, callback, app);
    const platform = await started?.serve(linchpin);
    const newTrip = await platform?.linksOf('Shop');
    const stage = { linchpin, callback, browser, app, newLink, platform, newTrip, close };
    return { ...stage, pastEveryPage: tours(stage) };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

/** Flags of an app that asks for the same permissions as the built-in one. */
export function appFlags(name, redirectUrl) {
  return [
    ...['--name', name, '--redirect-uri', redirectUrl, '--permission', 'profile:read'],
    ...['--optional-permission', 'posts:read', '--optional-permission', 'messages:write'],
  ];
}

/** Makes a session and answers `{ url, secret, expiresAt }`. Fields given as `undefined` are left out. */
function newLinks(linchpin, callback, app) {
  return async (fields = {}) => {
    const answer = await linchpin.init({
      clientAppId: app.id,
      redirectUrl: callback.url,
      clientReferenceId: REFERENCE,
      ...fields,
    });
    assert.equal(answer.status, 200, answer.body);
    const { url, expiresAt } = JSON.parse(answer.body);
    return { url, expiresAt, secret: url.slice(url.lastIndexOf('/') + 1) };
  };
}

/** Leads a page past every page of the product: see `every-page.js`. `t` is the running test, if one runs. */
function tours({ linchpin, browser, newLink, platform, newTrip }) {
  return (t, page, options) =>
    pastEveryPage({
      page,
      newPage: () => browser.newPage(t),
      newLink,
      platform,
      newTrip,
      removeLink: (secret) => linchpin.remove(secret),
      ...options,
    });
}
