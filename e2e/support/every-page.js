// A walk past every page that a person can meet, each in the state in which it is worth a look.

import assert from 'node:assert/strict';

import { pastTheTrip } from './trip.js';
import { button, fillSignIn, press, sendCode, settled, signIn, someone, stay, walkOn, walkTo } from './walk.js';

/**
 * Leads `page` from page to page and calls `look(name)` at each. `query` (such as `theme=dark`) is put behind each
 * launch URL; as a function it is asked for each session. `newLink` makes the sessions, `newTrip` those of `platform`,
 * which has a page of its own; `newPage` opens another person's browser. A new page of the product gets its line here, and is then looked at by every test that takes this walk.
 */
export async function pastEveryPage({ page, newPage, newLink, removeLink, platform, newTrip, query = '', look }) {
  const asked = () => (typeof query === 'function' ? query() : query);
  const open = async () => withQuery(await newLink(), asked());
  const openTrip = async () => withQuery(await newTrip(), asked());
  const brake = await holdBack(page);
  const lookAtRest = async (name) => {
    brake.held = true;
    await look(name);
    // Left while it is held, the page cannot come in the way of the next one.
    await page.goto('about:blank');
    brake.held = false;
  };
  await pastTheSteps(page, open, look);
  await pastSecondFactors(page, open, look, lookAtRest);
  await pastTheEnds({ page, newPage, open, removeLink, look });
  await pastTheTrip({ page, platform, open: openTrip, query: asked(), look, lookAtRest });
}

/** The link with a query behind its URL. */
function withQuery(link, query) {
  return query === '' ? link : { ...link, url: `${link.url}?${query}` };
}

/**
 * Keeps pages that lead on by themselves where they are: the way back to the app always answers nothing, and while
 * `held` is set each question for news stays without an answer.
 */
async function holdBack(page) {
  const brake = { held: false };
  await page.route('**/*', async (route) => {
    const request = route.request();
    if (new URL(request.url()).pathname.endsWith('/return')) return route.fulfill({ status: 204 });
    const asks = request.method() === 'GET' && ['document', 'fetch', 'xhr'].includes(request.resourceType());
    return brake.held && asks ? route.fulfill({ status: 204 }) : route.continue();
  });
  return brake;
}

async function pastTheSteps(page, open, look) {
  const person = someone('creator');
  await walkTo(page, await open(), person, 'pre-login');
  await look('pre-login');
  await walkOn(page, person, 'authorization');
  await look('authorization');
  const question = await press(page, 'cancel');
  assert.ok(question.leaving);
  await look('leave');
  await stay(page, 'authorization');
  await walkOn(page, person, 'login');
  await look('login');
  await press(page, 'phone');
  await settled(page, (at) => at.step === 'phone', 'the code for a phone');
  await look('hand-off-code');
  await press(page, 'here');
  await settled(page, (at) => at.step === 'login', 'the sign-in again');
  await signIn(page, { ...person, password: 'not-this-one' });
  await look('login-wrong-password');
  await signIn(page, { ...person, username: 'someone@example.org' });
  await look('login-unknown-domain');
  await signIn(page, someone('unavailable'));
  await look('login-unavailable');
  await walkOn(page, person, 'success');
  await look('success');
  await pastTheOwnPage(page, look);
}

/** The user's own page of the connection that was just made. */
async function pastTheOwnPage(page, look) {
  const own = new URL(await page.locator('.keep a').getAttribute('href'));
  own.search = new URL(page.url()).search;
  await page.goto(own.href);
  await settled(page, (at) => at.step === 'connection', 'the page of the connection');
  await look('connection');
  await page.locator('a.end').click();
  await settled(page, (at) => at.step === 'disconnect', 'the question whether to end it');
  await look('disconnect');
  await press(page, 'disconnect');
  await look('disconnected');
  await page.goto(own.href);
  await settled(page, (at) => at.step === 'error', 'the page of a connection that is no more');
  await look('no-connection');
}

async function pastSecondFactors(page, open, look, lookAtRest) {
  await walkTo(page, await open(), someone('creator-otp'), '2fa');
  await look('2fa-app');
  await sendCode(page, '000000');
  await look('2fa-app-wrong-code');

  await walkTo(page, await open(), someone('creator-sms'), '2fa');
  await look('2fa-text');

  await walkTo(page, await open(), someone('creator-email'), '2fa');
  await look('2fa-email');

  await walkTo(page, await open(), someone('creator-question'), '2fa');
  await sendCode(page, 'red');
  await look('2fa-question-wrong-answer');

  await walkTo(page, await open(), someone('creator-challenge'), '2fa');
  await look('2fa-picture');

  await walkTo(page, await open(), someone('creator-choice'), '2fa');
  await press(page, 'another');
  await look('2fa-ways');

  await walkTo(page, await open(), someone('creator-face'), '2fa');
  await lookAtRest('2fa-approval');

  await walkTo(page, await open(), {}, 'login');
  await fillSignIn(page, someone('slow'));
  await button(page, 'continue').click({ noWaitAfter: true });
  await page.waitForTimeout(700);
  await lookAtRest('sending');

  await walkTo(page, await open(), {}, 'login');
  await fillSignIn(page, someone('slow'));
  const asked = page.waitForRequest((request) => request.method() === 'POST');
  await button(page, 'continue').click({ noWaitAfter: true });
  await asked;
  await page.waitForTimeout(100);
  // Loaded again, the page does not wait in its button.
  await page.goto(page.url());
  await settled(page, (at) => at.step === 'checking', 'the page of a check');
  await lookAtRest('checking');
}

async function pastTheEnds({ page, newPage, open, removeLink, look }) {
  const used = await open();
  const other = await newPage();
  await walkTo(other, used, {}, 'authorization');
  await page.goto(used.url);
  await settled(page, (at) => at.step === 'error', 'the in-use page');
  await look('in-use');

  const finished = await open();
  await walkTo(other, finished, someone());
  await page.goto(finished.url);
  await settled(page, (at) => at.step === 'error', 'the page of an ended link');
  await look('ended');

  await removeLink(used.secret);
  await page.goto(used.url);
  await settled(page, (at) => at.step === 'error', 'the page of an unknown link');
  await look('unknown');
}
