// A step weighs under 30 KB on the wire, and asks for two files besides its document and the app's logo.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { setStage } from './support/stage.js';
import { someone, walkOn } from './support/walk.js';
import { send } from './support/wire.js';

const stage = setStage();
const STEP_BYTES = 30 * 1024;
const SCRIPT_BYTES = 8 * 1024;

/** The bytes of a resource as a browser gets it. */
async function weightOf(url) {
  const answer = await send('GET', url, { headers: { 'accept-encoding': 'gzip, deflate, br, zstd' } });
  assert.equal(answer.status, 200, url);
  return answer.headers['content-encoding'] ? answer.bytes.length : gzipSync(answer.bytes).length;
}

test('each step weighs under 30 KB with one stylesheet and at most one script', async (t) => {
  const page = await stage.browser.newPage(t);
  const person = someone('creator-otp');
  await page.goto((await stage.newLink()).url);
  for (const step of ['pre-login', 'authorization', 'login', '2fa', 'success']) {
    // Read without a browser, the last page does not lead on.
    if (step === 'success') await page.route('**/return', (route) => route.fulfill({ status: 204 }));
    await walkOn(page, person, step);
    const { styles, scripts, others } = await page.evaluate(() => ({
      styles: [...document.querySelectorAll('link[rel~="stylesheet"]')].map((link) => link.href),
      scripts: [...document.querySelectorAll('script[src]')].map((script) => script.src),
      others: [...document.querySelectorAll('img[src]:not([src^="data:"])')].map((image) => image.src),
    }));
    assert.ok(styles.length <= 1, `${step} has ${styles.length} stylesheets`);
    assert.ok(scripts.length <= 1, `${step} has ${scripts.length} scripts`);
    const parts = { document: page.url(), style: styles[0], script: scripts[0] };
    const weights = {};
    for (const [name, url] of Object.entries(parts)) weights[name] = url ? await weightOf(url) : 0;
    for (const url of others) weights[url] = await weightOf(url);
    const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
    t.diagnostic(`${step}: ${total} bytes ${JSON.stringify(weights)}`);
    assert.ok(total < STEP_BYTES, `${step} weighs ${total} bytes: ${JSON.stringify(weights)}`);
    assert.ok(weights.script < SCRIPT_BYTES, `the script weighs ${weights.script} bytes`);
  }
});

test('a step asks for two files at most besides the document and the logo', async (t) => {
  const page = await stage.browser.newPage(t);
  const person = someone('creator-otp');
  const asked = [];
  page.on('request', (request) => {
    if (new URL(request.url()).protocol.startsWith('http')) asked.push(request.url());
  });
  await page.route('**/return', (route) => route.fulfill({ status: 204 }));
  await page.goto((await stage.newLink()).url);
  for (const step of ['pre-login', 'authorization', 'login', '2fa', 'success']) {
    await walkOn(page, person, step);
    asked.length = 0;
    // As a person sees it who comes to this step with nothing kept.
    const fresh = await page.context().newCDPSession(page);
    await fresh.send('Network.setCacheDisabled', { cacheDisabled: true });
    await page.reload({ waitUntil: 'load' });
    await fresh.detach();
    const besides = asked.filter((url) => url !== page.url() && !/\/(logo|return)/.test(new URL(url).pathname));
    t.diagnostic(`${step}: ${besides.length} requests besides the document`);
    assert.ok(besides.length <= 2, `${step} asks for ${besides.join(', ')}`);
  }
});

test('style and script are kept by the browser from step to step', async (t) => {
  const page = await stage.browser.newPage(t);
  await page.goto((await stage.newLink()).url);
  const assets = await page.evaluate(() =>
    [...document.querySelectorAll('link[rel~="stylesheet"], script[src]')].map((each) => each.href ?? each.src),
  );
  assert.ok(assets.length > 0);
  for (const url of assets) {
    const { headers } = await send('GET', url);
    assert.match(headers['cache-control'] ?? '', /max-age=[1-9]\d{3,}/, url);
  }
});

test('pages are never kept, neither by the browser nor on the way', async () => {
  const { url } = await stage.newLink();
  const { headers } = await send('GET', url);
  assert.equal(headers['cache-control'], 'no-store');
});
