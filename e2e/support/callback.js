// The developer's own site: the page that users come back to.

import http from 'node:http';

/** Listens on a free port of 127.0.0.1 and remembers who came. */
export async function startCallback() {
  const arrivals = [];
  const server = http.createServer((request, response) => {
    if (!request.url.startsWith('/callback')) {
      response.writeHead(204).end();
      return;
    }
    arrivals.push({ url: request.url, headers: request.headers });
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(
      '<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">' +
        '<body data-step="callback"><main><h1>Back at the shop</h1></main></body></html>',
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    /** The redirect URL to register. */
    url: `${origin}/callback`,
    origin,
    /** Every request for the callback, in order: `{ url, headers }`, the URL byte for byte. */
    arrivals,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
