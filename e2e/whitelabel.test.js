// The examples of whitelabel flows, as a newcomer runs them, through every account of the sandbox.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startLinchpin } from './support/server.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', 'examples');
const examples = {
  node: ['node', path.join(root, 'whitelabel-node', 'whitelabel.mjs')],
  python: ['python3', path.join(root, 'whitelabel-python', 'whitelabel.py')],
};

const right = 'good-password';
const code = '123456';

/** The account, what the user types, and how it ends: with a connection unless it says otherwise. */
const scenarios = [
  { account: 'creator', typed: [right] },
  { account: 'fan', typed: ['wrong', right], says: ['Invalid credentials'] },
  { account: 'short-lived', typed: [right] },
  { account: 'slow', typed: [right] },
  { account: 'creator-otp', typed: [right, '000000', 'app', 'phone', '123-456'], says: ['Invalid code', 'it offers: app'] },
  { account: 'fan-otp', typed: [right, 'resend', code], says: ['sends no codes'] },
  { account: 'creator-sms', typed: [right, 'resend', '000000', 'phone', 'resend', code], says: ['Invalid code', 'no more codes'] },
  { account: 'fan-sms', typed: [right, '000000', '000000', '000000'], ends: 'failed 2fa_failed' },
  { account: 'creator-email', typed: [right, 'resend', '000000', code], says: ['j…@example.com', 'Invalid code'] },
  { account: 'creator-choice', typed: [right, 'question', 'phone', 'resend', 'app', code], says: ['app, phone, face'] },
  { account: 'creator-question', typed: [right, 'red', 'blue'], says: ['favourite colour', 'Invalid code'] },
  { account: 'creator-challenge', typed: [right, 'tulip7'], says: ['data:image/png;base64,'] },
  { account: 'creator-face', typed: [right], says: ['other device'] },
  { account: 'locked', typed: ['any'], ends: 'failed account_locked' },
  { account: 'unavailable', typed: ['any', 'any', 'any'], says: ['does not answer'], ends: 'failed provider_unavailable' },
  { account: 'creator', typed: Array(5).fill('wrong'), ends: 'failed invalid_credentials' },
];

let server;
before(async () => {
  server = await startLinchpin();
});
after(() => server?.stop());

/** Runs an example with what is typed and returns what it printed, and its exit code. */
function run([command, file], username, typed) {
  const env = { PATH: process.env.PATH, LINCHPIN_URL: server.apiUrl, LINCHPIN_API_KEY: server.apiKey };
  const child = spawn(command, [file, username], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let printed = '';
  child.stdout.on('data', (chunk) => (printed += chunk));
  child.stderr.on('data', (chunk) => (printed += chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(typed.map((line) => `${line}\n`).join(''));
  return new Promise((resolve) => child.on('close', (exit) => resolve({ printed, exit })));
}

async function connections() {
  const response = await fetch(`${server.apiUrl}/v2/account/connections?limit=100`, { headers: { apikey: server.apiKey } });
  const { list } = await response.json();
  return new Set(list.map((connection) => connection.id));
}

describe('the examples of whitelabel flows', { concurrency: true }, () => {
  for (const [language, example] of Object.entries(examples)) {
    test(`the one in ${language} takes every account of the sandbox to its end`, () =>
      Promise.all(scenarios.map((scenario) => goesToItsEnd(language, example, scenario))));
  }
});

async function goesToItsEnd(language, example, { account, typed, says = [], ends }) {
  const { printed, exit } = await run(example, `${language}@${account}.sandbox.com`, typed);
  for (const words of says) assert.ok(printed.includes(words), `${account}: ${words} is not in ${printed}`);
  const last = printed.trim().split('\n').at(-1);
  if (ends) {
    assert.deepEqual([last.slice(last.indexOf(ends)), exit], [ends, 1], printed);
    return;
  }
  const [, id] = /connected (conn_\S+)$/.exec(last) ?? assert.fail(printed);
  assert.equal(exit, 0);
  assert.ok((await connections()).has(id), `${id} is no connection`);
}
