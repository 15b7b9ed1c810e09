// A walk past every page of signing in on a platform's own page: the way there, the way back, and who never left.

import { arriveAt, button, settled, walkOn, walkTo } from './walk.js';

/**
 * Leads `page` there and back, calling `look(name)` at each page. `open` makes a link, `platform` is what `serve` of
 * `platform.js` answered, and `lookAtRest` looks while the page is kept from going on. `query` is what stands behind the
 * link's URL.
 */
export async function pastTheTrip({ page, platform, open, query, look, lookAtRest }) {
  const door = await playThePlatform(page, platform);
  const came = (error) => `${platform.back}?${new URLSearchParams({ error, iss: platform.issuer, state: door.state })}`;
  await walkTo(page, await open(), {}, 'pre-login');
  await look('elsewhere-pre-login');
  await walkOn(page, {}, 'login');
  await look('elsewhere');

  const flow = page.url();
  const allowScripts = await withoutScripts(page);
  door.shut = true;
  await page.reload();
  await Promise.all([page.waitForRequest(`${platform.issuer}/**`), button(page, 'continue').click({ noWaitAfter: true })]);
  await page.locator(`a.go[href^="${platform.issuer}"]`).waitFor();
  await look('elsewhere-leaving');
  door.shut = false;
  await page.goto(came('access_denied'));
  await page.locator('form#back').waitFor();
  await look('elsewhere-back');
  await allowScripts();

  await page.goto(flow);
  await page.locator('.waiting').waitFor();
  await lookAtRest('elsewhere-underway');
  await page.goto(came('access_denied'));
  await settled(page, ({ problem }) => problem, 'the page of a no');
  await look('elsewhere-denied');
  await depart(page, platform);
  await page.goto(came('server_error'));
  await settled(page, ({ problem }) => problem, 'the page of a platform that cannot answer');
  await look('elsewhere-unavailable');

  await depart(page, platform);
  await page.context().clearCookies();
  await pastTheStrays({ page, platform, query, look, forgotten: came('access_denied') });
  await door.open();
  await walkTo(page, await open(), {}, 'login');
  await depart(page, platform);
  await platform.agree(page, 'jane');
  await arriveAt(page, 'success');
  await look('elsewhere-success');
}

/** The pages of whoever comes back and is not known, and of a window that has done its part. */
async function pastTheStrays({ page, platform, query, look, forgotten }) {
  // Nothing is known of them but what their browser asks for.
  const lang = new URLSearchParams(query).get('lang');
  const asks = (route) =>
    route.continue({ headers: { ...route.request().headers(), ...(lang && { 'accept-language': lang }) } });
  await page.route(`${platform.back}**`, asks);
  await page.goto(forgotten);
  await arriveAt(page, 'error');
  await look('elsewhere-other-browser');
  await page.goto(platform.back);
  await arriveAt(page, 'error');
  await look('elsewhere-incomplete');
  await page.unroute(`${platform.back}**`);

  const allowScripts = await withoutScripts(page);
  await page.goto(new URL(query ? `/done?${query}` : '/done', platform.back).href);
  await arriveAt(page, 'login');
  await look('elsewhere-done');
  await allowScripts();
}

/** Loads the pages as if their scripts were empty, until what is answered is called: theirs would lead on at once. */
async function withoutScripts(page) {
  const scripts = '**/assets/link-*.js';
  await page.route(scripts, (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
  return () => page.unroute(scripts);
}

/**
 * Plays the platform's own page, an empty one, and tells with which `state` a browser came there. While it is `shut`, those
 * who leave stay where they are.
 */
async function playThePlatform(page, { issuer }) {
  const pattern = `${issuer}/**`;
  const door = {
    shut: false,
    state: undefined,
    open: () => page.unroute(pattern),
  };
  await page.route(pattern, (route) => {
    door.state = new URL(route.request().url()).searchParams.get('state') ?? door.state;
    return door.shut ? route.fulfill({ status: 204 }) : route.fulfill({ contentType: 'text/html', body: '<!doctype html>' });
  });
  // Its development pages, behind the door, would have a font from elsewhere.
  await page.route('https://fonts.googleapis.com/**', (route) => route.abort());
  return door;
}

/** Presses the button that leads away, and waits until the browser is there. */
async function depart(page, { issuer }) {
  await button(page, 'continue').click();
  await page.waitForURL(`${issuer}/**`);
}
