// The pages fit every window, speak the chosen language, keep the chosen theme, and ask nobody else.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { backgroundBrightness, sidewaysOverflow } from './support/appearance.js';
import { usualModes, journalOf } from './support/browser.js';
import { appFlags, setStage } from './support/stage.js';
import { arriveAt, connectionBroughtBack, someone, walkOn, walkTo } from './support/walk.js';

const stage = setStage({ platform: true });

const narrow = [
  { name: '320 px', viewport: { width: 320, height: 568 } },
  { name: 'a frame of 400 × 600', viewport: { width: 400, height: 600 } },
  { name: '200 % zoom on 1280 × 800', viewport: { width: 640, height: 400 } },
  { name: 'text of 200 % at 640 px', viewport: { width: 640, height: 800 }, rootFontSize: '200%' },
];

test('no page scrolls sideways on a small screen or enlarged, not even with a long name', async (t) => {
  const longName = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnungsstelle-Wien';
  const app = await stage.linchpin.createApp(appFlags(longName, stage.callback.url));
  const page = await stage.browser.newPage(t);
  const found = [];
  await stage.pastEveryPage(t, page, {
    newLink: () => stage.newLink({ clientAppId: app.id }),
    newTrip: await stage.platform.linksOf(longName),
    look: async (name) => {
      for (const { name: size, viewport, rootFontSize } of narrow) {
        await page.setViewportSize(viewport);
        const overflow = await sidewaysOverflow(page, rootFontSize);
        if (overflow) found.push(`${name} at ${size}: ${overflow}`);
      }
      await page.setViewportSize({ width: 800, height: 900 });
    },
  });
  assert.deepEqual(found, []);
});

test('fields are at least 16 px in type and targets at least 24 px high on a phone', async (t) => {
  const page = await stage.browser.newPage(t, 'scripts on', { viewport: { width: 320, height: 568 } });
  await walkTo(page, await stage.newLink(), someone('creator-otp'), 'login');
  for (const step of ['login', '2fa']) {
    await walkOn(page, someone('creator-otp'), step);
    const small = await page.evaluate(() => {
      const fields = [...document.querySelectorAll('form#step input:not([type="hidden"], [type="checkbox"])')];
      const buttons = [...document.querySelectorAll('form#step button')].filter((each) => each.offsetParent);
      return [
        ...fields.filter((field) => parseFloat(getComputedStyle(field).fontSize) < 16),
        ...buttons.filter((each) => each.getBoundingClientRect().height < 24),
      ].map((element) => element.outerHTML.slice(0, 120));
    });
    assert.deepEqual(small, [], step);
  }
});

for (const mode of usualModes) {
  test(`in Arabic the flow runs from right to left and completes (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    const person = someone('creator-otp');
    await page.goto(`${(await stage.newLink()).url}?lang=ar`);
    for (const step of ['pre-login', 'authorization', 'login', '2fa', 'success']) {
      await walkOn(page, person, step);
      const { lang, dir, title } = await page.evaluate(() => ({
        lang: document.documentElement.lang,
        dir: document.documentElement.dir,
        title: document.querySelector('h1').textContent,
      }));
      assert.deepEqual({ lang, dir }, { lang: 'ar', dir: 'rtl' }, step);
      assert.match(title, /\p{Script=Arabic}/u, step);
    }
    await walkOn(page, person);
    connectionBroughtBack(page);
  });

  test(`language and theme are chosen on the page and stay (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    await page.goto((await stage.newLink()).url);
    await arriveAt(page, 'pre-login');
    await choose(page, 'lang', 'ar');
    await choose(page, 'theme', 'dark');
    assert.equal(await page.locator('html').getAttribute('dir'), 'rtl', 'the theme form keeps the language');
    await walkOn(page, {}, 'login');
    assert.equal(await page.locator('html').getAttribute('dir'), 'rtl');
    assert.ok((await backgroundBrightness(page)) < 0.4, 'still dark');
  });
}

/** Uses the GET form for the language or theme, be it made of buttons, links or a select. */
async function choose(page, name, value) {
  const select = page.locator(`form select[name="${name}"]`);
  if ((await select.count()) > 0) {
    await select.selectOption(value);
    const go = select.locator('xpath=ancestor::form').locator('button').first();
    await go.click({ timeout: 2_000 }).catch(() => {});
  } else {
    const control = page.locator(`button[name="${name}"][value="${value}"]`);
    if (!(await control.isVisible())) await control.locator('xpath=ancestor::details/summary').click();
    await control.click();
  }
  await page.waitForURL((url) => url.searchParams.get(name) === value);
  await arriveAt(page, 'pre-login');
}

for (const mode of usualModes) {
  test(`the flow breaks no policy, logs no error and asks one origin only (${mode})`, async (t) => {
    const page = await stage.browser.newPage(t, mode);
    await walkTo(page, await stage.newLink(), someone('creator-otp'), 'success');
    await walkOn(page, {});
    const { consoleErrors, violations, dialogs, origins } = journalOf(page);
    assert.deepEqual(consoleErrors, []);
    assert.deepEqual(violations, []);
    assert.deepEqual(dialogs, []);
    const expected = [new URL(stage.linchpin.linkUrl).origin, stage.callback.origin];
    assert.deepEqual([...origins].sort(), expected.sort());
  });
}
