// A developer's page that embeds the link page, and a link page that says what a test tells it to say.

import { createRequire } from 'node:module';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
/** What the embed library is built with is installed beside it. */
const { build } = createRequire(path.join(repository, 'embed/package.json'))('esbuild');

/** A path of the repository. */
export const inRepository = (...names) => path.join(repository, ...names);

/** Bundles a file of the repository as a module, as text; `linchpin-embed` is what `embed/` has in its sources. */
export async function bundled(file, options = {}) {
  const { outputFiles } = await build({
    entryPoints: [inRepository(file)],
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"development"' },
    alias: { 'linchpin-embed': inRepository('embed/src/index.ts') },
    nodePaths: [inRepository('embed/node_modules')],
    write: false,
    logLevel: 'error',
    ...options,
  });
  return outputFiles[0].text;
}

/**
 * Serves files from `host` (`127.0.0.1` and `localhost` are two origins): `files` by path, each a text, or
 * `{ type, body, headers }`, or a function from a `Request` to a promise of a `Response`.
 */
export async function startSite(host, files) {
  const server = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://site');
    const file = files[pathname] ?? files['*'];
    if (pathname === '/favicon.ico') return response.writeHead(204).end();
    if (file === undefined) return response.writeHead(404).end();
    if (typeof file === 'function') return answer(await file(await asRequest(request)), response);
    const { type = 'text/html; charset=utf-8', body = file, headers = {} } = file;
    response.writeHead(200, { 'content-type': type, ...headers }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://${host}:${server.address().port}`,
    /** May be added to at any time. */
    files,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function asRequest(request) {
  const chunks = await request.toArray();
  const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined;
  return new Request(`http://${request.headers.host}${request.url}`, { method: request.method, headers: request.headers, body });
}

async function answer(given, response) {
  response.writeHead(given.status, Object.fromEntries(given.headers)).end(Buffer.from(await given.arrayBuffer()));
}

/** A policy of a page that takes its own security seriously. */
export const strictPolicy = (linkOrigin) =>
  `default-src 'none'; script-src 'self' ${linkOrigin}; style-src 'self'; img-src data:; frame-src ${linkOrigin}; connect-src 'self'; base-uri 'none'; form-action 'none'`;

/** A page with a button, so long that it scrolls; `more` goes into its head. */
export const hostPage = (more = '<script src="/embed.js"></script>') =>
  `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Shop</title>` +
  `<link rel="icon" href="data:,">${more}<link rel="stylesheet" href="/host.css"><main><h1>Shop</h1>` +
  `<button id="opener">Open</button><a id="other" href="#other">Another link</a><p class="long"></p></main></html>`;

/** Makes `window.handler` on a page that has the library, and `window.calls`: what it has called back, in order. */
export function makeHandler(page, options) {
  return page.evaluate((given) => {
    window.calls = [];
    const note = (name) => (metadata) => void window.calls.push(metadata === undefined ? [name] : [name, metadata]);
    window.handler = window.Linchpin.LinkEmbed.create({
      onLoad: note('load'),
      onSuccess: note('success'),
      onClose: note('close'),
      onSandboxInfo: note('sandbox'),
      onInvalidSession: () => {
        window.calls.push(['invalid']);
        return window.renewal?.();
      },
      ...(window.standing && { getStatus: () => window.standing() }),
      ...given,
    });
    document.querySelector('#opener').onclick = () => window.handler.open();
  }, options);
}

/** What the page's handler has called back. */
export const calls = (page) => page.evaluate(() => window.calls);

/** Waits until the handler has called back so often. */
export async function calledBack(page, count) {
  await page.waitForFunction((wanted) => window.calls.length >= wanted, count);
  return calls(page);
}

/** What of the library is in the document. */
export const leftovers = (page) =>
  page.evaluate(() => ({
    root: document.documentElement.getAttribute('style'),
    children: [...document.body.children].map(({ localName }) => localName),
    listening: window.listening?.() ?? 0,
  }));
