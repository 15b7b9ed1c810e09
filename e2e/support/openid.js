// A certified OpenID provider, `oidc-provider` from npm, with its own pages to sign in on, as the platform of a test.

import { once } from 'node:events';
import http from 'node:http';

import Provider from 'oidc-provider';

/** Pieces of 64 KiB that the long download has. */
export const PIECES = 48;

const SECRET = 'a secret: of 40 characters, +/% included';

/**
 * Starts one at `http://localhost:…`, which is another site than the pages' `127.0.0.1`. It answers once `register` was
 * told where browsers come back to. `tokenLife` is that of access tokens, in seconds.
 */
export async function startOpenId() {
  const server = http.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://localhost:${server.address().port}`;
  const resource = (request, answer) => notes(openid, request, answer);
  const openid = {
    issuer,
    secret: SECRET,
    tokenLife: 3_600,
    /** What was asked of its endpoints, oldest first: `token authorization_code`, `revocation refresh_token` … */
    asked: [],
    provider: undefined,
    register(backTo) {
      openid.provider = provider(openid, backTo);
      const pages = openid.provider.callback();
      server.on('request', (request, answer) => (request.url.startsWith('/api/') ? resource : pages)(request, answer));
    },
    /** Ends everything that was granted to an account, as its owner would on the platform. */
    async endSessionsOf(account) {
      for (const token of openid.granted.splice(0)) if (token.accountId === account) await token.destroy();
    },
    granted: [],
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return openid;
}

/** An API of the platform, which takes the provider's tokens: notes, uploads, and a long download in pieces. */
async function notes(openid, request, answer) {
  const [, bearer] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  const token = bearer && (await openid.provider.AccessToken.find(bearer));
  if (!token || token.isExpired) return answer.writeHead(401).end();
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const body = Buffer.concat(pieces);
  if (request.url === '/api/export') {
    answer.writeHead(200, { 'content-type': 'application/octet-stream' });
    for (let piece = 0; piece < PIECES; piece += 1) {
      if (!answer.write(Buffer.alloc(65_536, piece))) await once(answer, 'drain');
    }
    return answer.end();
  }
  const told = { of: token.accountId, method: request.method, type: request.headers['content-type'], body: body.toString('latin1') };
  return answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(told));
}

function provider(openid, backTo) {
  const made = new Provider(openid.issuer, {
    clients: [
      {
        client_id: 'linchpin',
        client_secret: openid.secret,
        redirect_uris: [backTo],
        grant_types: ['authorization_code', 'refresh_token'],
        scope: 'openid profile posts offline_access',
      },
    ],
    scopes: ['openid', 'offline_access', 'posts'],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'] },
    cookies: { keys: ['a key for the cookies of a test'] },
    features: { revocation: { enabled: true } },
    rotateRefreshToken: true,
    clockTolerance: 0,
    ttl: { AccessToken: () => openid.tokenLife, Grant: 3_600, IdToken: 600, Interaction: 600, RefreshToken: 3_600, Session: 3_600 },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `Name of ${id}`, preferred_username: id }),
    }),
  });
  made.use(async (context, next) => {
    await next();
    const { route, params, entities } = context.oidc ?? {};
    if (route === 'token') openid.asked.push(`token ${params.grant_type}`);
    if (route === 'revocation') openid.asked.push(`revocation ${params.token_type_hint}`);
    if (route === 'token') openid.granted.push(...[entities.AccessToken, entities.RefreshToken].filter(Boolean));
  });
  return made;
}

/** The provider file that names it. */
export const providerFile = (openid, secretFile) => `
kind = "oidc"
id = "openid"
name = "Openid"
[api]
base_url = "${openid.issuer}"
private_networks = ["127.0.0.0/8", "::1/128"]
[oauth]
issuer = "${openid.issuer}"
client_id = "linchpin"
client_secret_file = "${secretFile}"
scopes = ["profile", "offline_access"]
parameters = { prompt = "consent" }
[[permission]]
name = "profile:read"
text = "Your name"
access = "read"
calls = ["GET /me"]
[[permission]]
name = "posts:read"
text = "Your posts"
access = "read"
scopes = ["posts"]
calls = ["* /api/**"]
`;

/** Signs in on the provider's own page and agrees to what is asked. */
export async function agree(page, account) {
  await page.locator('[name="login"]').fill(account);
  await page.locator('[name="password"]').fill('any');
  await page.locator('button[type="submit"]').click();
  await page.locator('text=Authorize').first().waitFor();
  await page.locator('button[type="submit"]').click();
}

/** Says no there. */
export async function deny(page) {
  await page.locator('text=Cancel').first().click();
}
