// Walks the hosted page as a person does. Knows the markup contract of the pages, and nothing else of them.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

/** The password of every sandbox account. */
export const PASSWORD = 'good-password';
/** The code of every sandbox account, typed as authenticator apps show it. */
export const CODE = '123 456';

const SETTLES_WITHIN_MS = 20_000;

let people = 0;

/** A sandbox account that no other test uses: `kind` is the first part of its domain, such as `creator-otp`. */
export function someone(kind = 'creator') {
  people += 1;
  return { username: `person-${process.pid}-${people}@${kind}.sandbox.com`, password: PASSWORD, code: CODE };
}

/**
 * Where a page stands:
 * `step` is the body's `data-step` (or `undefined` while a page loads), `leaving` tells the page that asks whether
 * to leave, `choosing` the page with the ways of a second factor, `waiting` one that is approved elsewhere, `problem` the
 * text of an error at a field or on top.
 */
export async function standing(page) {
  try {
    return await page.evaluate(() => {
      const form = document.querySelector('form#step');
      const described = [...(form?.querySelectorAll('[aria-invalid="true"][aria-describedby]') ?? [])]
        .flatMap((field) => field.getAttribute('aria-describedby').split(/\s+/))
        .map((id) => document.getElementById(id));
      const problem = [...document.querySelectorAll('[role="alert"]'), ...described]
        .filter((element) => !element?.closest('[hidden]'))
        .map((element) => element?.textContent.trim() ?? '')
        .filter(Boolean)
        .join(' ');
      const step = document.body?.dataset.step;
      return {
        step: document.readyState === 'complete' ? step : undefined,
        url: location.href,
        token: form?.querySelector('[name="token"]')?.value,
        // A button called "action" hides the property of that name.
        postTo: form ? new URL(form.getAttribute('action') ?? '', document.baseURI).href : undefined,
        leaving: Boolean(form?.querySelector('[name="confirm"][value="yes"]')),
        choosing: Boolean(form?.querySelector('[value^="way-"]')),
        waiting: step === '2fa' && !form?.querySelector('[name="code"], [value^="way-"]'),
        problem,
      };
    });
  } catch (error) {
    if (/context was destroyed|navigat|Cannot find context/i.test(String(error))) return { url: page.url() };
    throw error;
  }
}

/** Waits until the page stands where `there` says so, and answers where that is. */
export async function settled(page, there, what) {
  const deadline = Date.now() + SETTLES_WITHIN_MS;
  let at = await standing(page);
  while (!(at.step !== undefined && there(at))) {
    if (Date.now() > deadline) {
      const text = await page.evaluate(() => document.body?.innerText ?? '').catch(() => '');
      assert.fail(`waited in vain for ${what}; the page stands at ${JSON.stringify(at)}\n${text.slice(0, 600)}`);
    }
    await pause(25);
    at = await standing(page);
  }
  return at;
}

/** Waits for one of the steps. */
export function arriveAt(page, ...steps) {
  return settled(page, (at) => steps.includes(at.step), steps.join(' or '));
}

/** The button of the step's form with this value of `action`. */
export function button(page, action) {
  return page.locator(`form#step button[name="action"][value="${action}"]`);
}

/** Waits for a page that is neither the one in `before` nor one that only shows that something is being checked. */
export function movedOn(page, before) {
  const other = (at) => ['token', 'step', 'leaving', 'choosing'].some((what) => at[what] !== before[what]);
  return settled(page, (at) => at.step !== 'checking' && other(at), `the page after ${before.step}`);
}

/** Presses a button of the step's form and answers where that led. */
export async function press(page, action) {
  const before = await standing(page);
  await button(page, action).click();
  return movedOn(page, before);
}

/** Fills in the sign-in form and sends it. */
export async function signIn(page, person) {
  await fillSignIn(page, person);
  return press(page, 'continue');
}

/** Fills in the sign-in form. */
export async function fillSignIn(page, person) {
  await page.locator('form#step [name="username"]').fill(person.username);
  await page.locator('form#step [name="password"]').fill(person.password);
}

/** Types a code, key by key, and sends it. */
export async function sendCode(page, code) {
  await typeCode(page, code);
  return press(page, 'continue');
}

/** Types a code, key by key, so that a field that takes six characters only would cut `123 456`. */
export async function typeCode(page, code) {
  const field = page.locator('form#step [name="code"]');
  await field.fill('');
  await field.pressSequentially(code);
}

/** Takes the step that a page shows, as this person would. */
async function takeStep(page, at, person) {
  switch (at.step) {
    case 'pre-login':
      return press(page, 'continue');
    case 'authorization':
      for (const name of person.declines ?? []) {
        await page.locator(`form#step [name="permission"][value="${name}"]`).uncheck();
      }
      return press(page, 'continue');
    case 'login':
      return signIn(page, person);
    case '2fa':
      return at.waiting ? movedOn(page, at) : sendCode(page, person.code);
    case 'checking':
      return movedOn(page, at);
    case 'success':
      return returnToApp(page);
    default:
      return assert.fail(`nothing to do at ${JSON.stringify(at)}`);
  }
}

/** Walks on until the page stands at `target`, and answers the steps that were seen on the way. */
export async function walkOn(page, person, target = 'callback') {
  const seen = [];
  let at = await settled(page, () => true, 'any page');
  while (at.step !== target) {
    assert.ok(seen.length < 20, `the flow goes in circles: ${seen.join(', ')}`);
    assert.ok(at.step !== 'callback', `back at the app before ${target}, with ${at.url}`);
    seen.push(at.step);
    at = await takeStep(page, at, person);
  }
  return seen;
}

/** Goes to an address. A page that leads on by itself in the same moment can cut that off once. */
async function goTo(page, url) {
  await page.goto(url).catch((error) => {
    if (!String(error).includes('net::ERR_ABORTED')) throw error;
    return page.goto(url);
  });
}

/** Opens a link and walks until the page stands at `target`. */
export async function walkTo(page, link, person, target = 'callback') {
  await goTo(page, link.url);
  return walkOn(page, person, target);
}

/** The link back to the app, on the last page and on the page of an ended session. */
export function wayBack(page) {
  return page.locator('a[href$="/return"], a[href*="status="]').first();
}

/** Follows the link back, on a page that may lead on by itself in the same moment. */
export async function returnToApp(page) {
  const arrived = new AbortController();
  const click = wayBack(page).click({ timeout: 5_000, noWaitAfter: true, signal: arrived.signal }).catch(() => {});
  try {
    return await arriveAt(page, 'callback');
  } finally {
    // A click that comes too late would be tried again on whatever page comes next.
    arrived.abort();
    await click;
  }
}

/** Presses Cancel and says yes. */
export async function leave(page) {
  const question = await press(page, 'cancel');
  assert.ok(question.leaving, `Cancel asks first; instead: ${JSON.stringify(question)}`);
  return press(page, 'cancel');
}

/** Thinks again on the page that asks whether to leave. */
export async function stay(page, step) {
  await page.locator('form#step a').click();
  return settled(page, (at) => !at.leaving && at.step === step, `${step} again`);
}

/** What came back to the app: everything behind the callback's `?`, byte for byte. */
export function broughtBack(page) {
  const url = page.url();
  return url.slice(url.indexOf('?') + 1);
}

/** Asserts the parameters of a success and answers the connection's id. */
export function connectionBroughtBack(page, reference = 'user_123') {
  const query = broughtBack(page);
  const match = /^status=success&connection_id=(conn_[A-Za-z0-9_-]{16,})&client_reference_id=(.*)$/.exec(query);
  assert.ok(match, `not a success: ${query}`);
  assert.equal(match[2], reference);
  return match[1];
}
