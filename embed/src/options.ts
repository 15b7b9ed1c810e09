// What a handler is made with, and what it answers to.

import type { Exit, SandboxInfo, Success, UserData } from './protocol.js';

/** In which colours the link page is shown; `auto` follows the browser. */
export type Theme = 'light' | 'dark' | 'auto';

/** Where the link page is shown. */
export type Mode = 'modal' | 'popup';

/** Where a session stands: what `GET /v2/link/{clientSecret}` answers, or its `status` alone. */
export type Status = string | { status: string; data?: { id?: string; userData?: UserData; errorCode?: string } };

/** Everything may be left out; `open(url)` and `setUrl(url)` take a URL later. */
export interface Options {
  /** The `url` that `POST /v2/link/init` answered. */
  url?: string | undefined;
  /** `auto` unless given. */
  theme?: Theme | undefined;
  /** `modal` unless given. */
  mode?: Mode | undefined;
  /** The page can be used; once for each opening. */
  onLoad?: (() => void) | undefined;
  /** A connection was made. Answering `false` keeps this page where it is although the app redirects. */
  onSuccess?: ((metadata: Success) => unknown) | undefined;
  /** Closed without a connection, or ended in an error. */
  onClose?: ((metadata: Exit) => void) | undefined;
  /** The URL is spent. Answering a new one, or a promise of it, shows that in the same window; up to three times. */
  onInvalidSession?: (() => unknown) | undefined;
  /** Sandbox only: at the start and on each screen. */
  onSandboxInfo?: ((metadata: SandboxInfo) => void) | undefined;
  /** Asks your backend where the session stands: how a popup is followed whose messages cannot arrive. */
  getStatus?: (() => Status | Promise<Status>) | undefined;
}

/** Opens link sessions, one at a time. */
export interface Handler {
  /** Shows the link page. Where it is open already, it comes to the front. `modal` where a popup was blocked. */
  open(url?: string): Mode;
  /** Asks the link page to end; with `force`, without a question to the user. */
  close(how?: { force?: boolean }): void;
  /** Takes the window away and calls nothing back; the handler can open again. */
  cleanup(): void;
  /** `cleanup`, for good. */
  destroy(): void;
  /** Which URL `open()` shows from now on. */
  setUrl(url: string): void;
  /** Whether the link page is shown and can be used. */
  readonly ready: boolean;
}
