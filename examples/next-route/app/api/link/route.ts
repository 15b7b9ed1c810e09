// Link sessions for whoever is signed in to your site: POST starts one, GET tells how it stands.

import { signedInUser } from '../../../session';

const { LINCHPIN_API_URL, LINCHPIN_API_KEY, LINCHPIN_APP_ID } = process.env;

/** The browser keeps the session's secret where no script can read it: so GET answers only to who called POST. */
const COOKIE = 'link_session';

/** Starts a session and answers its `url`. What this browser had started before ends: this is also how to renew one. */
export async function POST(request: Request): Promise<Response> {
  if ((request.headers.get('sec-fetch-site') ?? 'same-origin') !== 'same-origin') return refused(403, 'another site');
  const user = await signedInUser(request);

  const earlier = secretOf(request);
  if (earlier) await linchpin('DELETE', `/v2/link/${earlier}`);

  const answer = await linchpin('POST', '/v2/link/init', { clientAppId: LINCHPIN_APP_ID, clientReferenceId: user });
  if (!answer.ok) return refused(502, 'no link session could be started');
  const { url } = await answer.json();

  const secret = url.slice(url.lastIndexOf('/') + 1);
  const secure = new URL(request.url).protocol === 'https:' ? '; Secure' : '';
  const cookie = `${COOKIE}=${secret}; HttpOnly; SameSite=Lax; Path=/api/link; Max-Age=86400${secure}`;
  return Response.json({ url }, { headers: { 'set-cookie': cookie, 'cache-control': 'no-store' } });
}

/** How the session stands that this browser started: `{ status, data }`. What arrives in the page proves nothing; this does. */
export async function GET(request: Request): Promise<Response> {
  const secret = secretOf(request);
  if (!secret) return Response.json({ status: 'not_found' }, { headers: { 'cache-control': 'no-store' } });
  const answer = await linchpin('GET', `/v2/link/${secret}`);
  if (!answer.ok) return refused(502, 'the link session could not be looked at');
  // Where it is `completed`, `data.id` is the connection to keep with the signed-in user.
  return Response.json(await answer.json(), { headers: { 'cache-control': 'no-store' } });
}

function linchpin(method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${LINCHPIN_API_URL}${path}`, {
    method,
    headers: { apikey: LINCHPIN_API_KEY ?? '', ...(body && { 'content-type': 'application/json' }) },
    body: body && JSON.stringify(body),
    cache: 'no-store',
  });
}

function secretOf(request: Request): string | undefined {
  return /(?:^|;\s*)link_session=(cs_[\w-]+)/.exec(request.headers.get('cookie') ?? '')?.[1];
}

function refused(status: number, error: string): Response {
  return Response.json({ error }, { status });
}
