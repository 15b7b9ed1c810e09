// Connects an account by API, on pages of your own: here the page is the terminal.
import { createInterface } from 'node:readline';

const { LINCHPIN_URL: url, LINCHPIN_API_KEY: apikey } = process.env;
const username = process.argv[2];
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function ask(question) {
  process.stdout.write(`${question} `);
  const { value, done } = await lines.next();
  if (done) throw new Error('nobody answers');
  return value.trim();
}

async function call(method, path, body) {
  const headers = { apikey, ...(body && { 'Content-Type': 'application/json' }) };
  const response = await fetch(`${url}/v2/link/${path}`, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error), { status: response.status });
  return answer;
}

const { clientSecret } = await call('POST', 'init', { mode: 'whitelabel' });
const session = `${clientSecret}/whitelabel`;
const wait = (after) => call('GET', `${session}/status?wait=25&after=${after}`);

/** One answer of the user about the second factor; tells where the session stands then. */
async function secondFactor(chosen) {
  if (chosen === 'face' || chosen === 'forceFace') {
    console.log('Approve the sign-in on your other device.');
    return wait('awaiting_2fa');
  }
  const typed = await ask('Code, or "resend", or another way (app, phone, face):');
  if (typed === 'resend') await call('PATCH', `${session}/2fa/sms`);
  else if (/^(app|phone|face|forceFace)$/.test(typed)) await choose(typed);
  else {
    const answer = await call('POST', `${session}/2fa/code`, { code: typed });
    if (answer.error) console.log(answer.error);
  }
  return call('GET', `${session}/status`);
}

let chosen;
async function choose(method) {
  await call('PATCH', `${session}/2fa/method`, { method });
  chosen = method;
}

let now = { status: 'initialized' };
for (;;) {
  try {
    if (now.status === 'initialized' || now.status === 'invalid_credentials') {
      const password = await ask(`Password of ${username}:`);
      const answer = await call('POST', `${session}/login`, { username, password, wait: 25 });
      if (answer.error) console.log(answer.error);
      now = answer.data;
    } else if (now.status === 'pending') {
      now = await wait('pending');
    } else if (now.status === 'awaiting_2fa') {
      now = await secondFactor(chosen ?? now.data.twoFactorState.options[0]);
    } else break;
  } catch (error) {
    // What the user asked for cannot be had: no such way, or no more texts.
    if (error.status !== 400 && error.status !== 429) throw error;
    console.log(error.message);
  }
}

if (now.status === 'completed') console.log(`connected ${now.data.id}`);
else console.log(`${now.status} ${now.data?.errorCode ?? ''}`.trim());
process.exit(now.status === 'completed' ? 0 : 1);
