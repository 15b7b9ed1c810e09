// The site of `checks/platform`: a real platform that nobody here wrote, with an operator who does what a test asks for.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const python = path.join(root, '.venv/bin/python');

/** Starts the site on an empty database and waits until it answers. */
export async function startSite() {
  assert.ok(existsSync(python), `no ${python}: python3 -m venv .venv && .venv/bin/pip install -r checks/requirements.txt`);
  const child = spawn(python, [path.join(root, 'checks/platform/start')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => JSON.parse((await lines.next()).value);
  const { url } = await answer();
  return new Site(child, answer, url);
}

class Site {
  #child;
  #answer;

  constructor(child, answer, url) {
    this.#child = child;
    this.#answer = answer;
    this.url = url;
  }

  /** Has the site's operator do something: see `checks/platform/operator_console.py`. One question at a time. */
  operator(command) {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
    return this.#answer();
  }

  /** A new account with an authenticator, as a person who can walk the pages. */
  async someone() {
    const made = await this.operator({ command: 'make', second_factor: true });
    return {
      ...made,
      get code() {
        return authenticatorCode(made.seed);
      },
    };
  }

  /** What `examples/providers` says of it, at the address that it has here. */
  async providerFile(name) {
    const text = await readFile(path.join(root, 'examples/providers', `${name}.toml`), 'utf8');
    const here = text.replaceAll('http://127.0.0.1:8000', this.url);
    assert.notEqual(here, text);
    return here;
  }

  /** It ends with its standard input. */
  stop() {
    const ended = new Promise((resolve) => this.#child.on('exit', resolve));
    this.#child.stdin.end();
    return ended;
  }
}

/** What an authenticator shows now for a seed in hexadecimal digits (RFC 6238), in two groups as they show it. */
function authenticatorCode(seed) {
  const count = Buffer.alloc(8);
  count.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const tag = createHmac('sha1', Buffer.from(seed, 'hex')).update(count).digest();
  const number = tag.readUInt32BE(tag.at(-1) & 15) & 0x7fffffff;
  const digits = String(number % 1_000_000).padStart(6, '0');
  return `${digits.slice(0, 3)} ${digits.slice(3)}`;
}
