// What is published and served is what the sources say, and stays small.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

import { buildPackage, served } from '../build.js';

const GZIP_MAX = 6 * 1024;

const here = path.dirname(fileURLToPath(import.meta.url));
let dist;
let script;
before(async () => {
  // Inside of this folder, so that `import` finds its way as it would from `dist/`.
  dist = await mkdtemp(path.join(here, 'dist-'));
  script = await buildPackage(dist);
});
after(() => rm(dist, { recursive: true, force: true }));

test('the file that the server has built in is what these sources build', async () => {
  assert.equal(await readFile(served, 'utf8'), script, 'run `npm run build` in embed/, and commit what it changes');
});

test('the build for a script tag is under 6 KB compressed', (t) => {
  const bytes = gzipSync(script, { level: 9 }).length;
  t.diagnostic(`${bytes} bytes`);
  assert.ok(bytes < GZIP_MAX, `${bytes} bytes`);
});

test('the package is imported and required where there is no document, and has the names of the existing library', async () => {
  const module = await import(pathToFileURL(path.join(dist, 'esm/index.js')));
  const required = createRequire(import.meta.url)(path.join(dist, 'cjs/index.js'));
  for (const { create, init, LinkEmbed, OFAuthLinkEmbed } of [module, required]) {
    assert.equal(typeof create, 'function');
    assert.deepEqual(LinkEmbed, { create, init });
    assert.equal(OFAuthLinkEmbed, LinkEmbed);
    assert.equal(create({ url: 'https://link.example.com/cs_1' }).ready, false);
    assert.throws(() => create({ url: 'javascript:alert(1)' }), /^TypeError: url: /);
    assert.throws(() => create().open(), /no URL/);
  }
});

test('every file that package.json names is built, and its version is the server’s', async () => {
  const { version, exports: paths, main, module, types, license, dependencies } =
    JSON.parse(await readFile(path.join(here, '../package.json'), 'utf8'));
  const named = JSON.stringify([paths['.'], paths['./embed.js'], main, module, types]).match(/(?<=\.\/dist\/)[^"]+/g);
  assert.ok(named.length >= 8);
  for (const file of named) await readFile(path.join(dist, file));
  const workspace = await readFile(path.join(here, '../../Cargo.toml'), 'utf8');
  assert.ok(workspace.includes(`\nversion = "${version}"`), version);
  assert.ok(workspace.includes(`\nlicense = "${license}"`), license);
  assert.equal(dependencies, undefined);
});

test('no source makes HTML of a text, or speaks to every origin', async () => {
  const sources = path.join(here, '../src');
  for (const file of await readdir(sources)) {
    const text = await readFile(path.join(sources, file), 'utf8');
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|\beval\(|new Function/, file);
    assert.doesNotMatch(text, /postMessage\([^)]*\*|'\*'|endsWith|localhost/, file);
  }
});
