// The Gallery: a small platform in memory whose requests are signed one by one, with authenticator codes, keys that run
// out, and sign-out.
import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

type Account = { id: string; name: string; username: string; password: string; code?: string; locked?: boolean };
type Key = { id: string; secret: string; renewal: string; username: string; ends: number };

const ACCOUNTS: Account[] = [
  { id: 'g-1', name: 'Ada Lovelace', username: 'ada', password: 'correct horse' },
  { id: 'g-2', name: 'Bob Noyce', username: 'bob', password: 'battery staple', code: '135790' },
  { id: 'g-3', name: 'Mallory', username: 'mallory', password: 'staple horse', locked: true },
];
const KEY_SECONDS = 300;

const keys = new Map<string, Key>();
const tickets = new Map<string, Account>();
const random = () => randomBytes(16).toString('hex');

function handOut(username: string) {
  const key = { id: random(), secret: random(), renewal: random(), username, ends: Date.now() + KEY_SECONDS * 1000 };
  keys.set(key.id, key);
  return { status: 200, body: key };
}

function signIn(body: Record<string, string>) {
  const account = ACCOUNTS.find((a) => a.username === body.username && a.password === body.password);
  if (!account) return { status: 401 };
  if (account.locked) return { status: 423 };
  if (!account.code) return handOut(account.username);
  const ticket = random();
  tickets.set(ticket, account);
  return { status: 202, body: { ticket } };
}

function code(body: Record<string, string>) {
  const account = tickets.get(body.ticket);
  if (!account) return { status: 410 };
  if (account.code !== body.code) return { status: 401 };
  tickets.delete(body.ticket);
  return handOut(account.username);
}

function renew(body: Record<string, string>) {
  const key = [...keys.values()].find((k) => k.renewal === body.renewal);
  if (!key) return { status: 401 };
  keys.delete(key.id);
  return handOut(key.username);
}

/** Whose request this is, by `x-key` and `x-signature`, the HMAC of method, path and query. */
function signer(request: IncomingMessage) {
  const key = keys.get(String(request.headers['x-key']));
  if (!key || key.ends < Date.now()) return undefined;
  const wanted = createHmac('sha256', key.secret).update(`${request.method} ${request.url}`).digest('hex');
  return request.headers['x-signature'] === wanted ? key : undefined;
}

function answer(request: IncomingMessage, body: Record<string, string>): { status: number; body?: unknown } {
  const path = request.url?.split('?')[0];
  if (path === '/sign-in') return signIn(body);
  if (path === '/code') return code(body);
  if (path === '/renew') return renew(body);
  const key = signer(request);
  if (!key) return { status: 401 };
  const { id, name, username } = ACCOUNTS.find((a) => a.username === key.username)!;
  if (path === '/me') return { status: 200, body: { id, name, username, avatar: null } };
  if (path === '/pictures') return { status: 200, body: { list: [], by: username, uploaded: body.title ?? null } };
  if (path !== '/sign-out') return { status: 404 };
  keys.delete(key.id);
  return { status: 200, body: {} };
}

export const gallery = createServer(async (request: IncomingMessage, response: ServerResponse) => {
  let text = '';
  for await (const piece of request) text += piece;
  const { status, body } = answer(request, JSON.parse(text || '{}'));
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body ?? {}));
});
