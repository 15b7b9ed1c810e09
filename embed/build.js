// Builds the package into dist/, and the file that the server serves.

import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));

/** The file that the server has built in, relative to this folder. */
export const served = path.join(here, '../crates/linchpin/static/embed.js');

/** The build for a script tag, as text. */
export async function globalBuild() {
  const { outputFiles } = await build({
    ...shared,
    entryPoints: [path.join(here, 'src/global.ts')],
    format: 'iife',
    minify: true,
    charset: 'utf8',
    plugins: [tightStyles],
    write: false,
  });
  return outputFiles[0].text;
}

const shared = { bundle: true, target: 'es2022', logLevel: 'warning', absWorkingDir: here };

// Line breaks in style sheets are for who reads the source.
const tightStyles = {
  name: 'tight styles',
  setup(build) {
    build.onLoad({ filter: /styles\.ts$/ }, async ({ path: file }) => ({
      contents: (await readFile(file, 'utf8')).replaceAll(/(?<=[};`])\n(?=[^\n]*[{}`])/g, (found, at, text) =>
        (text.slice(0, at).split('`').length - 1) % 2 ? '' : found,
      ),
      loader: 'ts',
    }));
  },
};

/** Writes what is published into a folder, and answers the build for a script tag. */
export async function buildPackage(dist) {
  await rm(dist, { recursive: true, force: true });
  for (const [format, type] of [['esm', 'module'], ['cjs', 'commonjs']]) {
    const out = path.join(dist, format);
    await mkdir(out, { recursive: true });
    await build({ ...shared, entryPoints: [path.join(here, 'src/index.ts')], format, outfile: path.join(out, 'index.js') });
    // The types are the same; which kind of module they are of is told by the folder.
    await writeFile(path.join(out, 'package.json'), `${JSON.stringify({ type })}\n`);
    const compiler = path.join(here, 'node_modules/typescript/bin/tsc');
    const flags = ['--project', here, '--declaration', '--emitDeclarationOnly', '--outDir', out];
    execFileSync(process.execPath, [compiler, ...flags], { stdio: 'inherit' });
  }
  const script = await globalBuild();
  await writeFile(path.join(dist, 'embed.js'), script);
  return script;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(served, await buildPackage(path.join(here, 'dist')));
}
