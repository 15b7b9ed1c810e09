// Every language is chosen, fits a small screen, and puts nothing in anyone's way. In `./check long` each language has
// the whole walk in every appearance; otherwise each session of one walk is in the next language, by turns in the theme
// that the device asks for and in the other.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { backgroundBrightness, sidewaysOverflow } from './support/appearance.js';
import { barriers } from './support/barriers.js';
import { setStage } from './support/stage.js';
import { button, fillSignIn, sendCode, someone, standing, walkOn, walkTo } from './support/walk.js';

const stage = setStage();
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

/** Goes past every page and answers what axe, or the width of the smallest screen, has against one. */
async function complaints(t, query) {
  const page = await stage.browser.newPage(t, 'scripts on', {
    viewport: { width: 320, height: 568 },
    reducedMotion: 'reduce',
  });
  const found = [];
  const seen = new Set();
  await stage.pastEveryPage(t, page, {
    query,
    look: async (name) => {
      const lang = await page.locator('html').getAttribute('lang');
      seen.add(lang);
      const overflow = await sidewaysOverflow(page);
      if (overflow) found.push(`${name} in ${lang}: ${overflow}`);
      const dark = new URL(page.url()).searchParams.get('theme') === 'dark';
      if (dark && (await backgroundBrightness(page)) > 0.4) found.push(`${name} in ${lang} is not dark`);
      for (const appearance of long ? everyAppearance : [light]) {
        await page.emulateMedia(appearance);
        for (const barrier of await barriers(page)) {
          found.push(`${name} in ${lang}, ${JSON.stringify(appearance)}: ${barrier}`);
        }
      }
    },
  });
  return { found, seen };
}

if (long) {
  for (const lang of languages) {
    test(`axe finds nothing serious on any page, and all fit 320 px, in ${lang}`, async (t) => {
      const { found, seen } = await complaints(t, `lang=${lang}`);
      assert.deepEqual(found, []);
      assert.deepEqual([...seen], [lang]);
    });
  }
} else {
  test('axe finds nothing serious on any page, and all fit 320 px, each session in another language', async (t) => {
    let sessions = 0;
    const { found, seen } = await complaints(t, () => {
      sessions += 1;
      return `lang=${languages[sessions % languages.length]}&theme=${sessions % 2 === 0 ? 'light' : 'dark'}`;
    });
    assert.deepEqual(found, []);
    assert.deepEqual([...seen].sort(), [...languages].sort());
  });
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
