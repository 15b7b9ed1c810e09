import { create } from 'linchpin-embed';
import { useEffect, useRef, useState } from 'react';

// Your backend starts the session: see ../next-route.
async function newSession() {
  const answer = await fetch('/api/link', { method: 'POST' });
  if (!answer.ok) throw new Error(`no link session: ${answer.status}`);
  return (await answer.json()).url;
}

export function ConnectAccount({ theme = 'auto', onConnected }) {
  const handler = useRef(null);
  const connected = useRef(onConnected);
  const [status, setStatus] = useState('');
  connected.current = onConnected;

  // Strict mode runs this twice; a handler does nothing before it opens, and nothing of it stays once it is destroyed.
  useEffect(() => {
    handler.current = create({
      theme,
      onSuccess: ({ connection }) => {
        setStatus(`Connected: ${connection.userData.name}`);
        connected.current?.(connection.id);
      },
      onClose: ({ error }) => setStatus(error ? `That did not work: ${error.error_type}` : 'Nothing was connected.'),
      // Shown in the same window.
      onInvalidSession: newSession,
    });
    return () => handler.current.destroy();
  }, [theme]);

  async function connect() {
    setStatus('');
    try {
      const url = await newSession();
      handler.current.open(url);
    } catch {
      setStatus('That did not work. Please try again.');
    }
  }

  return (
    <p>
      <button type="button" onClick={connect}>Connect an account</button>
      <span role="status">{status}</span>
    </p>
  );
}
