// A platform with a page of its own to sign in on, for a stage on which people go there.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { agree, providerFile, startOpenId } from './openid.js';

const CALLBACK = 'https://shop.example.com/callback';

/** Starts the platform, `openid`. `file` is its provider file, with which the server is to start. */
export async function startPlatform() {
  const folder = await mkdtemp(path.join(tmpdir(), 'linchpin-platform-'));
  const openid = await startOpenId();
  const secretFile = path.join(folder, 'client.secret');
  await writeFile(secretFile, `${openid.secret}\n`);
  return {
    openid,
    file: providerFile(openid, secretFile),
    async stop() {
      await openid.stop();
      await rm(folder, { recursive: true, force: true });
    },
    /** Has the server's people go there. `linksOf(name)` makes an app of this name, and answers what makes its links. */
    async serve(linchpin) {
      const back = `${linchpin.linkUrl}/back/openid`;
      openid.register(back);
      const apikey = await linchpin.createLiveKey();
      const linksOf = async (name) => {
        const app = await linchpin.createApp([
          ...['--name', name, '--redirect-uri', CALLBACK, '--environment', 'live'],
          ...['--permission', 'profile:read', '--optional-permission', 'posts:read'],
        ]);
        return async () => {
          const answer = await linchpin.init({ clientAppId: app.id }, apikey);
          assert.equal(answer.status, 200, answer.body);
          return { url: JSON.parse(answer.body).url };
        };
      };
      return { issuer: openid.issuer, back, agree, linksOf };
    },
  };
}
