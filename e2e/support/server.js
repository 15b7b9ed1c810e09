// Starts the real binary, speaks its API, and stops it again.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { makeDatabase } from './database.js';
import { send } from './wire.js';

const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 40_000;

const here = path.dirname(fileURLToPath(import.meta.url));

/** The binary under test. */
export const binary = path.resolve(here, '..', process.env.LINCHPIN_BIN ?? '../target/debug/linchpin');

/**
 * Starts `linchpin dev` on a new data directory and waits until it is ready.
 * With `movableClock` its wall clock can be moved with `moveClock`; monotonic time stays real. `providerFiles` are texts
 * of provider files, whose providers its live environment has.
 */
export async function startLinchpin({ movableClock = false, providerFiles = [] } = {}) {
  assert.ok(existsSync(binary), `no binary at ${binary}: build it, or set LINCHPIN_BIN`);
  const folder = await mkdtemp(path.join(tmpdir(), 'linchpin-e2e-'));
  const clockFile = path.join(folder, 'clock');
  const clock = movableClock ? clockVariables(clockFile) : {};
  if (movableClock) {
    await writeFile(clockFile, '+0');
  }
  const providers = path.join(folder, 'providers');
  await mkdir(providers);
  await Promise.all(providerFiles.map((text, n) => writeFile(path.join(providers, `${n}.toml`), text)));
  const database = await makeDatabase(clock);
  const child = spawn(
    binary,
    [
      ...['dev', '--json', '--listen', '127.0.0.1:0', '--data', path.join(folder, 'data')],
      ...['--providers', providers, ...database.flags],
    ],
    { env: { ...environment(), ...database.clockHere }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const server = new Linchpin(child, folder, clockFile, database);
  await server.untilReady();
  return server;
}

/** This process's environment without the variables that are for the tests: the binary takes none that it does not know. */
function environment() {
  const ours = ([name]) => !name.startsWith('LINCHPIN_');
  return Object.fromEntries(Object.entries(process.env).filter(ours));
}

function clockVariables(clockFile) {
  const machine = { x64: 'x86_64', arm64: 'aarch64' }[process.arch] ?? process.arch;
  const library = `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`;
  assert.ok(existsSync(library), `no ${library}: install the Debian package faketime`);
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: clockFile,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}

class Linchpin {
  #child;
  #folder;
  #clockFile;
  #database;
  #complaints = '';
  #ended;
  #killAtExit;

  constructor(child, folder, clockFile, database) {
    this.#child = child;
    this.#database = database;
    this.#folder = folder;
    this.#clockFile = clockFile;
    child.stderr.on('data', (chunk) => {
      this.#complaints = (this.#complaints + chunk).slice(-8_000);
    });
    this.#ended = new Promise((resolve) => {
      child.on('error', (error) => resolve({ error }));
      child.on('exit', (code, signal) => resolve({ code, signal }));
    });
    this.#killAtExit = () => child.kill('SIGKILL');
    process.on('exit', this.#killAtExit);
  }

  /** Reads the one JSON line that the server prints once it answers. */
  async untilReady() {
    const lines = createInterface({ input: this.#child.stdout });
    const firstLine = new Promise((resolve) => lines.once('line', resolve));
    const outcome = await Promise.race([
      firstLine,
      this.#ended.then((end) => ({ end })),
      after(READY_WITHIN_MS).then(() => ({ end: 'it took too long' })),
    ]);
    if (typeof outcome !== 'string') {
      this.#child.kill('SIGKILL');
      assert.fail(`linchpin dev did not become ready: ${JSON.stringify(outcome.end)}\n${this.#complaints}`);
    }
    const ready = JSON.parse(outcome);
    this.apiUrl = ready.apiUrl.replace(/\/$/, '');
    this.linkUrl = ready.linkUrl.replace(/\/$/, '');
    this.demoUrl = ready.demoUrl.replace(/\/$/, '');
    this.apiKey = ready.apiKey;
    this.clientApps = ready.clientApps;
    this.dataDir = ready.dataDir;
  }

  /** Registers a client app while the server runs and returns what the command prints. */
  createApp(flags) {
    const type = flags.includes('--type') ? [] : ['--type', 'redirect'];
    return this.#command(['app', 'create', ...type, ...flags]);
  }

  /** Makes a key of the live environment. */
  async createLiveKey() {
    const flags = ['--name', 'live', '--scope', 'LINK,ACCOUNT,ACCESS', '--environment', 'live'];
    return (await this.#command(['key', 'create', ...flags])).key;
  }

  async #command(words) {
    const { stdout } = await promisify(execFile)(binary, [...words, '--data', this.dataDir, '--json'], {
      timeout: 30_000,
      env: environment(),
    });
    return JSON.parse(stdout);
  }

  /** POST /v2/link/init as it is on the wire. */
  init(body, apiKey = this.apiKey) {
    return send('POST', `${this.apiUrl}/v2/link/init`, {
      headers: { apikey: apiKey, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  /** Where a session stands, as the API tells it: `{ status, data }`. */
  async status(secret) {
    const answer = await send('GET', `${this.apiUrl}/v2/link/${secret}`, { headers: { apikey: this.apiKey } });
    assert.equal(answer.status, 200, answer.body);
    return JSON.parse(answer.body);
  }

  /** Deletes a session through the API. */
  remove(secret) {
    return send('DELETE', `${this.apiUrl}/v2/link/${secret}`, { headers: { apikey: this.apiKey } });
  }

  /** Moves the server's wall clock, for example `+61m`, against real time. */
  async moveClock(offset) {
    await writeFile(this.#clockFile, offset);
    await this.#database.clockMoved();
  }

  /** Asks the server to stop, and fails when it does not end by itself with 0. */
  async stop() {
    this.#child.kill('SIGTERM');
    const end = await Promise.race([this.#ended, after(STOPPED_WITHIN_MS).then(() => 'still running')]);
    this.#child.kill('SIGKILL');
    process.off('exit', this.#killAtExit);
    await rm(this.#folder, { recursive: true, force: true });
    await this.#database.remove();
    assert.deepEqual(end, { code: 0, signal: null }, `SIGTERM did not end linchpin cleanly\n${this.#complaints}`);
  }
}

function after(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
