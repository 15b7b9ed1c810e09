// Everyone can use the pages: with assistive technology, by keyboard alone, with a password manager.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { backgroundBrightness } from './support/appearance.js';
import { barriers, barriersInBothThemes } from './support/barriers.js';
import { setStage } from './support/stage.js';
import {
  arriveAt, button, connectionBroughtBack, settled, signIn, someone, standing, walkOn, walkTo,
} from './support/walk.js';

const stage = setStage({ platform: true });

test('axe finds nothing serious on any page, as the device asks for light or dark', async (t) => {
  const page = await stage.browser.newPage(t);
  const found = [];
  await stage.pastEveryPage(t, page, {
    look: async (name) => {
      for (const barrier of await barriersInBothThemes(page)) found.push(`${name}, ${barrier}`);
    },
  });
  assert.deepEqual(found, []);
});

test('?theme=light wins over a dark device', async (t) => {
  const page = await stage.browser.newPage(t, 'scripts on', { colorScheme: 'dark' });
  await page.goto(`${(await stage.newLink()).url}?theme=light`);
  for (const step of ['pre-login', 'authorization', 'login']) {
    await walkOn(page, {}, step);
    assert.ok((await backgroundBrightness(page)) > 0.6, step);
    assert.deepEqual(await barriers(page), [], step);
  }
});

test('an error is tied to its field and announced', async (t) => {
  const page = await stage.browser.newPage(t);
  const person = someone();
  await walkTo(page, await stage.newLink(), person, 'login');
  await signIn(page, { ...person, password: 'not-this-one' });
  const told = await page.locator('[name="password"]').evaluate((field) => ({
    invalid: field.getAttribute('aria-invalid'),
    description: (field.getAttribute('aria-describedby') ?? '')
      .split(/\s+/)
      .map((id) => document.getElementById(id)?.textContent.trim() ?? '')
      .join(' ')
      .trim(),
  }));
  assert.equal(told.invalid, 'true');
  assert.notEqual(told.description, '');
});

test('the fields say to browsers and password managers what they are', async (t) => {
  const page = await stage.browser.newPage(t);
  await walkTo(page, await stage.newLink(), someone('creator-otp'), 'login');
  const attributes = (name, names) =>
    page.locator(`form#step [name="${name}"]`).evaluate(
      (field, wanted) => Object.fromEntries(wanted.map((each) => [each, field.getAttribute(each)])),
      names,
    );
  assert.equal((await attributes('username', ['autocomplete'])).autocomplete, 'username');
  assert.deepEqual(await attributes('password', ['type', 'autocomplete', 'onpaste', 'maxlength', 'value']), {
    type: 'password',
    autocomplete: 'current-password',
    onpaste: null,
    maxlength: null,
    value: null,
  });
  assert.ok(await pasteIsTaken(page, 'password', 'pass word \u{1F511}'), 'a password can be pasted');

  await walkOn(page, someone('creator-otp'), '2fa');
  assert.deepEqual(await attributes('code', ['autocomplete', 'inputmode']), {
    autocomplete: 'one-time-code',
    inputmode: 'numeric',
  });
});

/** Whether a paste into the field is neither refused nor changed. */
async function pasteIsTaken(page, name, text) {
  const field = page.locator(`form#step [name="${name}"]`);
  const refused = await field.evaluate((element, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    element.focus();
    return !element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
  await page.keyboard.insertText(text);
  return !refused && (await field.inputValue()) === text;
}

test('a pasted code with a space is taken', async (t) => {
  const page = await stage.browser.newPage(t);
  await walkTo(page, await stage.newLink(), someone('creator-otp'), '2fa');
  const before = await standing(page);
  await page.locator('[name="code"]').focus();
  await page.keyboard.insertText('123 456');
  // The script may send a full code by itself; a person then has nothing to press.
  await button(page, 'continue').click({ timeout: 2_000, noWaitAfter: true }).catch(() => {});
  await settled(page, (at) => at.step !== before.step && at.step !== 'checking', 'the end');
  await walkOn(page, {});
  connectionBroughtBack(page);
});

test('the password can be shown and hidden again', async (t) => {
  const page = await stage.browser.newPage(t);
  await walkTo(page, await stage.newLink(), {}, 'login');
  const field = page.locator('[name="password"]');
  await field.fill('something');
  const peek = page.locator('form#step button[type="button"]:visible');
  await peek.click();
  assert.equal(await field.getAttribute('type'), 'text');
  await peek.click();
  assert.equal(await field.getAttribute('type'), 'password');
  assert.equal(await field.inputValue(), 'something');
});

test('the whole flow can be done by keyboard alone, and focus is always visible', async (t) => {
  const page = await stage.browser.newPage(t, 'scripts on', { reducedMotion: 'reduce' });
  const person = someone('creator-otp');
  await page.goto((await stage.newLink()).url);
  const forward = 'button[name="action"][value="continue"]';

  await tabTo(page, forward);
  await pressKey(page, 'Enter', 'authorization');
  await tabTo(page, '[name="permission"]');
  const box = page.locator('[name="permission"]:focus');
  const checked = await box.isChecked();
  await page.keyboard.press('Space');
  assert.equal(await box.isChecked(), !checked);
  await tabTo(page, forward);
  await pressKey(page, 'Space', 'login');
  await tabTo(page, '[name="username"]');
  await page.keyboard.type(person.username);
  await tabTo(page, '[name="password"]');
  await page.keyboard.type(person.password);
  await tabTo(page, forward);
  await pressKey(page, 'Enter', '2fa');
  await tabTo(page, '[name="code"]');
  await page.keyboard.type('123 456');
  // Enter in a field is the form's first button, which has to be the one that goes on.
  await pressKey(page, 'Enter', 'success');
  await arriveAt(page, 'callback');
  connectionBroughtBack(page);
});

test('Enter in the password field signs in', async (t) => {
  for (const mode of ['scripts on', 'scripts off']) {
    const page = await stage.browser.newPage(t, mode);
    const person = someone();
    await walkTo(page, await stage.newLink(), person, 'login');
    await page.locator('[name="username"]').fill(person.username);
    await page.locator('[name="password"]').fill(person.password);
    await page.keyboard.press('Enter');
    await arriveAt(page, 'success');
  }
});

async function pressKey(page, key, step) {
  await page.keyboard.press(key);
  await arriveAt(page, step);
}

/** Presses Tab until an element of the step's form that matches has the focus; each stop on the way must be visible. */
async function tabTo(page, selector) {
  const focused = () => page.locator(`form#step ${selector}:focus`).count();
  for (let stops = 0; (await focused()) === 0; stops += 1) {
    assert.ok(stops < 40, `Tab does not reach ${selector}`);
    await page.keyboard.press('Tab');
    await assertFocusIsVisible(page);
  }
}

/** Compares the picture with and without the focus. */
async function assertFocusIsVisible(page) {
  const picture = () => page.screenshot({ animations: 'disabled', caret: 'hide' });
  const withFocus = await picture();
  const name = await page.evaluate(() => {
    const element = document.activeElement;
    if (element === document.body) return undefined;
    window.hadFocus = element;
    element.blur();
    return element.outerHTML.slice(0, 160);
  });
  if (name === undefined) return;
  const without = await picture();
  await page.evaluate(() => window.hadFocus.focus({ preventScroll: true }));
  assert.ok(!withFocus.equals(without), `no visible focus on ${name}`);
}
