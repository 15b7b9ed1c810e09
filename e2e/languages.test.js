// Every language is chosen, fits a small screen, and puts nothing in anyone's way. In `./check long` each language has
// the whole walk in every appearance; otherwise the first three pages and those of going to a platform's own one, by turns
// light and dark, and axe sees those with the most on them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { backgroundBrightness, sidewaysOverflow } from './support/appearance.js';
import { barriers } from './support/barriers.js';
import { setStage } from './support/stage.js';
import { button, fillSignIn, sendCode, someone, standing, walkOn, walkTo } from './support/walk.js';

const stage = setStage({ platform: true });
const languages = ['de', 'ja', 'fr', 'ar', 'es', 'pt', 'en'];
const long = process.env.LINCHPIN_CHECK === 'long';
const plain = { forcedColors: 'none', contrast: 'no-preference' };
const light = { ...plain, colorScheme: 'light' };
const everyAppearance = [
  light,
  { ...plain, colorScheme: 'dark' },
  { ...plain, colorScheme: 'light', contrast: 'more' },
  { ...plain, colorScheme: 'dark', contrast: 'more' },
  { ...plain, colorScheme: 'light', forcedColors: 'active' },
];

/** A page on the smallest screen. */
function small(t) {
  return stage.browser.newPage(t, 'scripts on', { viewport: { width: 320, height: 568 }, reducedMotion: 'reduce' });
}

/** What the page as it stands has against it, in each of the appearances. */
async function complaints(page, name, appearances) {
  const found = [];
  const overflow = await sidewaysOverflow(page);
  if (overflow) found.push(`${name}: ${overflow}`);
  const dark = new URL(page.url()).searchParams.get('theme') === 'dark';
  if (dark && (await backgroundBrightness(page)) > 0.4) found.push(`${name} is not dark`);
  for (const appearance of appearances) {
    await page.emulateMedia(appearance);
    for (const barrier of await barriers(page)) found.push(`${name}, ${JSON.stringify(appearance)}: ${barrier}`);
  }
  return found;
}

if (long) {
  for (const lang of languages) {
    test(`axe finds nothing serious on any page, and all fit 320 px, in ${lang}`, async (t) => {
      const page = await small(t);
      const found = [];
      await stage.pastEveryPage(t, page, {
        query: `lang=${lang}`,
        look: async (name) => {
          assert.equal(await page.locator('html').getAttribute('lang'), lang, name);
          found.push(...(await complaints(page, name, everyAppearance)));
        },
      });
      assert.deepEqual(found, []);
    });
  }
} else {
  test('axe finds nothing serious on the first pages, and they fit 320 px, in each language', async (t) => {
    const page = await small(t);
    const found = [];
    await page.goto((await stage.newLink()).url);
    for (const step of ['pre-login', 'authorization', 'login']) {
      await walkOn(page, {}, step);
      found.push(...(await inEachLanguage(page, step, step === 'pre-login' ? [] : [light])));
    }
    assert.deepEqual(found, []);
  });

  test('nor on the way to a page of the platform itself, before it and while a person is there', async (t) => {
    const page = await small(t);
    await page.route(`${stage.platform.issuer}/**`, (route) => route.fulfill({ contentType: 'text/html', body: '' }));
    await walkTo(page, await stage.newTrip(), {}, 'login');
    const found = await inEachLanguage(page, 'the way there', [light]);
    const here = page.url();
    await button(page, 'continue').click();
    await page.waitForURL(`${stage.platform.issuer}/**`);
    await page.goto(here);
    await page.locator('.waiting').waitFor();
    found.push(...(await inEachLanguage(page, 'waiting', [light])));
    assert.deepEqual(found, []);
  });
}

/** What a page has against it in each language, by turns light and dark. */
async function inEachLanguage(page, name, appearances) {
  const found = [];
  for (const [turn, lang] of languages.entries()) {
    await page.goto(`${page.url().replace(/\?.*/, '')}?lang=${lang}&theme=${turn % 2 === 0 ? 'light' : 'dark'}`);
    assert.equal(await page.locator('html').getAttribute('lang'), lang, name);
    found.push(...(await complaints(page, `${name} in ${lang}`, appearances)));
  }
  return found;
}

test('the session chooses the language, then the browser, then it is English', async (t) => {
  for (const [session, browser, page] of [
    ['pt-BR', 'ja-JP', 'pt'],
    [undefined, 'pt-PT', 'pt'],
    [undefined, 'ja-JP', 'ja'],
    ['zh-Hant', 'fr-CA', 'fr'],
    [undefined, 'zh-CN', 'en'],
  ]) {
    const tab = await stage.browser.newPage(t, 'scripts off', { locale: browser });
    await tab.goto((await stage.newLink({ locale: session })).url);
    assert.equal(await tab.locator('html').getAttribute('lang'), page, `${session} and ${browser}`);
    assert.notEqual((await tab.locator('h1').textContent()).trim(), '');
  }
});

test('the languages can be reached and read on the smallest screen', async (t) => {
  const page = await stage.browser.newPage(t, 'scripts on', { viewport: { width: 320, height: 400 } });
  const { url } = await stage.newLink();
  for (const lang of ['en', 'ar']) {
    await page.goto(`${url}?lang=${lang}`);
    await page.locator('.menu summary').click();
    const choices = page.locator('button[name="lang"]');
    assert.equal(await choices.count(), languages.length);
    for (const choice of await choices.all()) {
      await choice.scrollIntoViewIfNeeded();
      const box = await choice.boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= 320 && box.y >= 0 && box.y + box.height <= 400, JSON.stringify(box));
      assert.ok(box.height >= 24);
    }
  }
});

/** What a screen reader is given to say after a step: the document's title and what has the focus. */
function announced(page) {
  return page.evaluate(() => {
    const focused = document.activeElement;
    const described = (focused.getAttribute('aria-describedby') ?? '').split(/\s+/).filter(Boolean);
    return {
      title: document.title,
      heading: document.querySelector('h1').textContent,
      focused: focused.localName,
      described: described.map((id) => document.getElementById(id).textContent.trim()).join(' '),
    };
  });
}

test('each step announces itself: its title, its heading, and an error at its field', async (t) => {
  const page = await stage.browser.newPage(t);
  const person = someone('creator-otp');
  await page.goto((await stage.newLink()).url);
  const titles = new Set();
  for (const step of ['authorization', 'login', '2fa']) {
    await walkOn(page, person, step);
    const said = await announced(page);
    assert.equal(said.focused, 'h1', step);
    assert.ok(said.title.startsWith(said.heading), `${said.title}, ${said.heading}`);
    titles.add(said.title);
    if (step === '2fa') {
      await sendCode(page, '000000');
      const wrong = await announced(page);
      assert.equal(wrong.focused, 'input');
      assert.match(wrong.described, /not right/);
    }
  }
  assert.equal(titles.size, 3);
});

test('that a check goes on is said in words, in the button and in a live region', async (t) => {
  const page = await stage.browser.newPage(t);
  await walkTo(page, await stage.newLink(), {}, 'login');
  await page.route('**/f/**', async (route) => {
    if (route.request().method() === 'POST') return;
    await route.continue();
  });
  await fillSignIn(page, someone());
  await button(page, 'continue').click({ noWaitAfter: true });
  const status = page.locator('form#step [role="status"]').first();
  await page.waitForFunction(() => document.querySelector('#status').textContent !== '');
  assert.match(await status.textContent(), /Still checking/);
  assert.match(await button(page, 'continue').textContent(), /Still checking/);
  assert.equal(await button(page, 'continue').getAttribute('aria-busy'), 'true');
  assert.equal((await standing(page)).step, 'login');
});

test('a phone shows the keyboard that fits each field', async (t) => {
  const page = await stage.browser.newPage(t);
  const person = someone('creator-otp');
  const hints = (name) =>
    page.locator(`form#step [name="${name}"]`).evaluate((field) => ({
      keyboard: field.inputMode,
      enter: field.enterKeyHint,
      capitals: field.autocapitalize,
      spelling: field.spellcheck,
    }));
  await walkTo(page, await stage.newLink(), person, 'login');
  assert.deepEqual(await hints('username'), { keyboard: 'email', enter: 'next', capitals: 'none', spelling: false });
  assert.equal((await hints('password')).enter, 'go');
  await walkOn(page, person, '2fa');
  assert.deepEqual(await hints('code'), { keyboard: 'numeric', enter: 'done', capitals: 'none', spelling: false });
});
