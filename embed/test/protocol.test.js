// Which messages are taken for messages.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const source = path.join(path.dirname(fileURLToPath(import.meta.url)), '../src/protocol.ts');
const { outputFiles } = await build({ entryPoints: [source], format: 'esm', write: false });
const { read, exitRequested } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);

const jane = { id: '168177976202092', name: 'Jane', username: 'jane5687', avatar: null };
const success = { successUrl: '', redirect: false, connection: { id: 'conn_1', userData: jane }, user: jane };
const info = {
  scenarios: [{ id: 'creator', accountType: 'creator', loginType: 'password', password: 'good-password' }],
  activeScenarioId: 'creator',
  currentScreen: 'login',
};
const message = (event, metadata) => ({ type: 'OFAUTH_LINK', event, ...(metadata !== undefined && { metadata }) });

test('every message of the protocol is read', () => {
  for (const [event, metadata] of [
    ['loaded'],
    ['invalid_session'],
    ['success', success],
    ['success', { ...success, successUrl: 'https://shop.example.com/done?status=success', redirect: true }],
    ['exit', { type: 'user_exit', step: '2fa', error: null }],
    ['exit', { type: 'forced_exit', error: null }],
    ['exit', { type: 'error', step: 'error', error: { error_type: 'account_locked', error_message: 'Locked.' } }],
    ['sandbox_info', info],
  ]) {
    assert.deepEqual(read(message(event, metadata)), { event, metadata }, event);
  }
  assert.deepEqual(exitRequested(true), { type: 'OFAUTH_LINK', event: 'exit_requested', force: true });
});

test('nothing else is', () => {
  for (const data of [
    undefined, null, 1, 'OFAUTH_LINK', [], {}, { event: 'loaded' },
    { type: 'ofauth_link', event: 'loaded' },
    message('toString'), message('__proto__'), message('hasOwnProperty'), message(['loaded']), message('exit_requested'),
    message('success'), message('success', null), message('success', {}),
    message('success', { ...success, redirect: 'yes' }),
    message('success', { ...success, successUrl: 'javascript:alert(1)' }),
    message('success', { ...success, successUrl: '//evil.example' }),
    message('success', { ...success, connection: { id: 'conn_1', userData: { ...jane, name: {} } } }),
    message('exit'), message('exit', { type: 'left', error: null }), message('exit', { type: 'error' }),
    message('exit', { type: 'error', error: { error_type: 1, error_message: '' } }),
    message('sandbox_info', { ...info, scenarios: {} }), message('sandbox_info', { ...info, scenarios: [null] }),
  ]) {
    assert.equal(read(data), null, JSON.stringify(data));
  }
});
