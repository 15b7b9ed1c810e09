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

/** What to type, in words: a page of yours says it better. */
function question({ method, options, phoneLast4, emailHint, prompt }) {
  const asked = {
    app: 'Code of your authenticator app',
    phone: `Code that was texted to the number ending in ${phoneLast4}`,
    email: `Code that was sent to ${emailHint}`,
    question: prompt?.text,
    shown: `${prompt?.picture} ${prompt?.text}`,
  };
  return `${asked[method]} (or "resend", or another way of ${options.join(', ')}):`;
}

const ways = ['app', 'phone', 'email', 'face', 'forceFace', 'question', 'shown'];

/** One answer of the user about the second factor; tells where the session stands then. */
async function secondFactor(factor) {
  if (factor.method === 'face' || factor.method === 'forceFace') {
    console.log('Approve the sign-in on your other device.');
    return wait('awaiting_2fa');
  }
  const typed = await ask(question(factor));
  if (typed === 'resend') await call('PATCH', `${session}/2fa/code`);
  else if (ways.includes(typed)) await call('PATCH', `${session}/2fa/method`, { method: typed });
  else {
    const answer = await call('POST', `${session}/2fa/code`, { code: typed });
    if (answer.error) console.log(answer.error);
  }
  return call('GET', `${session}/status`);
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
      now = await secondFactor(now.data.twoFactorState);
    } else break;
  } catch (error) {
    // What the user asked for cannot be had: no such way, or no more codes.
    if (error.status !== 400 && error.status !== 429) throw error;
    console.log(error.message);
  }
}

if (now.status === 'completed') console.log(`connected ${now.data.id}`);
else console.log(`${now.status} ${now.data?.errorCode ?? ''}`.trim());
process.exit(now.status === 'completed' ? 0 : 1);
