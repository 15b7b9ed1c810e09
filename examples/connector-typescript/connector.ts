// A connector of Linchpin's: answers its questions about the Gallery, which is in gallery.ts.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, request as send, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { gallery } from './gallery.ts';

type Json = Record<string, any>;
type Answered = { status: number; body: Json };

const MESSAGE_MAX = 256 * 1024;
const TOLERANCE = 300;

class Unavailable extends Error {}
class Malformed extends Error {}

const secrets = readFileSync(process.env.CONNECTOR_SECRET_FILE!, 'ascii').split('\n').filter(Boolean);
const keys = secrets.map((line) => Buffer.from(line.trim().replace(/^whsec_/, ''), 'base64'));
const seen = new Map<string, number>();

const signature = (key: Buffer, id: string, timestamp: string, body: Buffer) =>
  `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;

function signed(id: string, status: number, body: Buffer) {
  const now = String(Math.floor(Date.now() / 1000));
  const content = Buffer.concat([Buffer.from(`${status}.`), body]);
  return { 'webhook-id': id, 'webhook-timestamp': now, 'webhook-signature': signature(keys[0], id, now, content) };
}

const same = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** Whether this was signed by Linchpin, about now, and comes for the first time. */
function isQuestion(headers: IncomingHttpHeaders, body: Buffer): boolean {
  const [id, timestamp, given] = ['id', 'timestamp', 'signature'].map((name) => String(headers[`webhook-${name}`] ?? ''));
  const now = Date.now() / 1000;
  if (!id.startsWith('q_') || !/^\d+$/.test(timestamp) || Math.abs(now - Number(timestamp)) > TOLERANCE) return false;
  const right = keys.map((key) => signature(key, id, timestamp, body));
  if (!given.split(' ').some((theirs) => right.some((ours) => same(ours, theirs)))) return false;
  for (const [old, at] of seen) {
    if (now - at <= 2 * TOLERANCE) break;
    seen.delete(old);
  }
  return !seen.has(id) && Boolean(seen.set(id, now));
}

async function read(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of message) {
    length += piece.length;
    if (length > MESSAGE_MAX) throw new RangeError('too large');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

let galleryUrl = process.env.GALLERY_URL;

/** Asks the Gallery through the outbound proxy that Linchpin names, and never past it. */
async function ask(question: Json, method: string, path: string, body: Json | undefined, key?: Json): Promise<Answered> {
  const target = new URL(galleryUrl + path);
  const proxy = question.proxy ? new URL(question.proxy) : undefined;
  if (proxy && (proxy.protocol !== 'http:' || target.protocol !== 'http:')) throw new Unavailable();
  const headers: Record<string, string> = { Host: target.host, ...(key && attachment(key, method, path)) };
  if (proxy?.username) {
    const user = [proxy.username, proxy.password].map(decodeURIComponent).join(':');
    headers['Proxy-Authorization'] = `Basic ${Buffer.from(user).toString('base64')}`;
  }
  const { hostname, port } = proxy ?? target;
  const signal = AbortSignal.timeout(Math.min(question.withinMs, 10_000));
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { hostname, port, method, path: proxy ? target.href : path, headers, signal };
      send(options, resolve).on('error', reject).end(body && JSON.stringify(body));
    });
    const status = answer.statusCode ?? 0;
    if (![200, 202, 401, 410, 423].includes(status)) throw new Unavailable();
    return { status, body: JSON.parse(String(await read(answer))) };
  } catch {
    throw new Unavailable();
  }
}

/** What the Gallery wants with each request: its headers follow from method, path and query. */
const attachment = (key: Json, method: string, pathAndQuery: string) => ({
  'x-key': key.id,
  'x-signature': createHmac('sha256', key.secret ?? '').update(`${method} ${pathAndQuery}`).digest('hex'),
});

function text(question: Json, name: string): string {
  if (typeof question[name] !== 'string') throw new Malformed();
  return question[name];
}

function kept(question: Json): Json {
  if (typeof question.session !== 'object') throw new Malformed();
  return { id: '', secret: '', renewal: '', ...question.session };
}

/** What Linchpin keeps, sealed; it has a look before it uses what is stale. */
const session = ({ id, secret, renewal, ends }: Json) => ({ id, secret, renewal, staleAt: ends - 10_000 });

async function signedIn(question: Json, key: Json): Promise<Json> {
  const { body: account } = await ask(question, 'GET', '/me', undefined, key);
  return { outcome: 'signedIn', account, session: session(key) };
}

const questions: Record<string, (question: Json) => Json | Promise<Json>> = {
  description: () => ({ contract: 1, name: 'Gallery', version: '1.0.0' }),

  async 'sign-in'(question) {
    const typed = { username: text(question, 'username'), password: text(question, 'password') };
    const { status, body } = await ask(question, 'POST', '/sign-in', typed);
    if (status === 202) return { outcome: 'secondFactor', challenge: { methods: ['app'] }, progress: body };
    if (status !== 200) return { outcome: status === 423 ? 'locked' : 'wrongCredentials' };
    return signedIn(question, body);
  },

  async 'second-factor'(question) {
    if (!question.progress || question.method !== 'app') return { outcome: 'declined' };
    const typed = { ...question.progress, code: text(question, 'code') };
    const { status, body } = await ask(question, 'POST', '/code', typed);
    return status === 200 ? signedIn(question, body) : { outcome: status === 410 ? 'declined' : 'wrongCode' };
  },

  // An authenticator has its codes by itself.
  ask: ({ progress, method }) => ({ outcome: progress && method === 'app' ? 'done' : 'notNow' }),

  async look(question) {
    const key = kept(question);
    if (key.staleAt > Date.now()) {
      const { status, body: account } = await ask(question, 'GET', '/me', undefined, key);
      if (status === 200) return { outcome: 'alive', account };
    }
    const { status, body } = await ask(question, 'POST', '/renew', { renewal: key.renewal });
    if (status !== 200) return { outcome: 'dead', why: 'signedOut' };
    return { ...(await signedIn(question, body)), outcome: 'alive' };
  },

  async profile(question) {
    const { status, body: profile } = await ask(question, 'GET', '/me', undefined, kept(question));
    return status === 200 ? { outcome: 'answered', profile } : { outcome: 'signedOut' };
  },

  attach(question) {
    const pathAndQuery = text(question, 'path') + (question.query === undefined ? '' : `?${question.query}`);
    return { outcome: 'attached', headers: attachment(kept(question), text(question, 'method'), pathAndQuery) };
  },

  async 'sign-out'(question) {
    await ask(question, 'POST', '/sign-out', {}, kept(question));
    return { outcome: 'done' };
  },
};

async function reply(path: string, body: Buffer): Promise<Answered> {
  const name = path.replace(/^\/v1\//, '');
  try {
    const question = JSON.parse(String(body));
    if (question?.question !== name) return { status: 400, body: { error: 'the question does not belong to the path' } };
    if (!Object.hasOwn(questions, name)) return { status: 404, body: { error: 'there is no such question' } };
    return { status: 200, body: await questions[name](question) };
  } catch (error) {
    if (error instanceof Unavailable) return { status: 200, body: { outcome: 'unavailable' } };
    return { status: 400, body: { error: 'the question is not of the contract' } };
  }
}

const connector = createServer(async (request, response) => {
  const answer = (status: number, body: Json, id?: string) => {
    const bytes = Buffer.from(JSON.stringify(body));
    const headers = { 'Content-Type': 'application/json', 'Content-Length': bytes.length, ...(id && signed(id, status, bytes)) };
    response.writeHead(status, headers).end(bytes);
  };
  const body = await read(request).catch(() => undefined);
  if (!body) return answer(413, { error: 'a question is at most 256 KiB' });
  if (request.method !== 'POST' || !isQuestion(request.headers, body)) {
    return answer(401, { error: 'this is not signed by Linchpin, is old, or was there before' });
  }
  const replied = await reply(request.url ?? '', body);
  answer(replied.status, replied.body, String(request.headers['webhook-id']).replace(/^q_/, 'a_'));
});

const listen = (server: Server, port: string) =>
  new Promise<string>((resolve) => {
    server.listen(Number(port), '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });

galleryUrl ??= await listen(gallery, process.env.GALLERY_PORT ?? '7501');
const url = await listen(connector, process.env.PORT ?? '7500');
console.log(JSON.stringify({ connector: url, platform: galleryUrl }));
