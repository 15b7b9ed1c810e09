import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';

import { ConnectAccount } from './ConnectAccount.jsx';

function App() {
  const [shown, setShown] = useState(true);
  return (
    <main>
      <h1>Your accounts</h1>
      {shown && <ConnectAccount />}
      <button type="button" onClick={() => setShown(!shown)}>{shown ? 'Hide' : 'Show'}</button>
    </main>
  );
}

createRoot(document.getElementById('root')).render(<StrictMode><App /></StrictMode>);
