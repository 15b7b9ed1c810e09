// Plain HTTP, with exactly the headers that a test names and no redirect followed.

import http from 'node:http';

/** Sends one request. Answers `{ status, headers, body, bytes }`, `bytes` as they came, `body` as text. */
export function send(method, url, { headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers: { ...headers, connection: 'close' } }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({ status: response.statusCode, headers: response.headers, body: bytes.toString('utf8'), bytes });
      });
    });
    request.on('error', reject);
    request.setTimeout(30_000, () => request.destroy(new Error(`no answer to ${method} ${url}`)));
    if (body !== undefined) request.setHeader('content-length', Buffer.byteLength(body));
    request.end(body);
  });
}

/** Posts form fields as a browser without scripts would, without any cookie. */
export function postForm(url, fields, headers = {}) {
  return send('POST', url, {
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  });
}
