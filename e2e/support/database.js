// The store of a server under test: a SQLite file, or a PostgreSQL database where LINCHPIN_TEST_DATABASE names a cluster.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../checks/postgres', import.meta.url));

/**
 * Makes a database. With `clock`, variables that move a process's clock, it is in a cluster of its own: on PostgreSQL
 * the database's clock counts and not the server's. `clockHere` is what the server itself is to be started with.
 */
export async function makeDatabase(clock) {
  const cluster = process.env.LINCHPIN_TEST_DATABASE;
  if (!cluster) {
    return { flags: [], clockHere: clock, clockMoved: async () => {}, remove: async () => {} };
  }
  return Object.keys(clock).length > 0 ? inClusterOfItsOwn(clock) : inCluster(cluster);
}

async function inCluster(cluster) {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await ask(cluster, `CREATE DATABASE ${name}`);
  const url = cluster.replace(/[^/]*$/, name);
  return {
    flags: ['--database', url],
    clockHere: {},
    clockMoved: async () => {},
    remove: () => ask(cluster, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

async function inClusterOfItsOwn(clock) {
  const folder = await mkdtemp(path.join(tmpdir(), 'linchpin-cluster-'));
  await chmod(folder, 0o755);
  const cluster = path.join(folder, 'cluster');
  await chmod(path.dirname(clock.FAKETIME_TIMESTAMP_FILE), 0o755);
  const { stdout } = await run(script, ['start', cluster], { env: { ...process.env, ...clock } });
  return {
    flags: ['--database', stdout.trim()],
    clockHere: {},
    // The server looks at the database's clock more than twice a second.
    clockMoved: () => setTimeout(1_500),
    remove: () => run(script, ['remove', cluster]),
  };
}

async function ask(url, sql) {
  await run('psql', ['--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1', '--command', sql, url], { timeout: 30_000 });
}
