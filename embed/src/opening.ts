// One opening of the link page, from the click to the one thing that is told of its end.

import { openModal } from './modal.js';
import type { Mode, Options, Status } from './options.js';
import { openPopup } from './popup.js';
import { exitRequested, isWebUrl, read, type Exit, type Message, type Success } from './protocol.js';
import { pageUrl, type LinkWindow } from './window.js';

/** How long the page may take to say that it can be used. */
const LOADS_WITHIN_MS = 10_000;
/** How long it may take to answer a forced exit. */
const ENDS_WITHIN_MS = 1_500;
/** How often a popup is looked at. */
const LOOK_EVERY_MS = 400;
/** How often the application is asked about a session whose popup is out of reach. */
const ASK_EVERY_MS = 2_000;
/** Who asks so often in so short a time to leave is not asked back: the page may have hung. */
const INSISTS_AFTER = 3;
const INSISTS_WITHIN_MS = 3_000;
/** How often a spent URL is exchanged in one opening. */
const RENEWALS_MAX = 3;

const exit = (type: Exit['type'], error: Exit['error'] = null): Message => ({ event: 'exit', metadata: { type, error } });

export class Opening {
  readonly mode: Mode;
  ready = false;
  #over = false;
  #options: Options;
  #onEnd: () => void;
  #window: LinkWindow;
  #origin: string;
  #told = false;
  #renewals = 0;
  #asked: number[] = [];
  #timers = new Set<number>();
  #following = false;
  /** Counts the URLs that were shown: an answer about an earlier one is out of date. */
  #shown = 0;

  /** Shows `url`. `onEnd` is called once, before the application is told. */
  constructor(url: string, options: Options, onEnd: () => void) {
    this.#options = options;
    this.#onEnd = onEnd;
    const page = pageUrl(url, options.theme ?? 'auto');
    const popup = options.mode === 'popup' ? openPopup(page) : null;
    this.mode = popup ? 'popup' : 'modal';
    this.#origin = new URL(url).origin;
    this.#window = popup ?? openModal(page, options.theme ?? 'auto', () => this.leave(false));
    addEventListener('message', this.#hear);
    this.#await();
    if (popup) this.#look();
  }

  /** Comes to the front; a popup that was cut off is opened anew. */
  focus(url: string): void {
    if (this.#window.gone) this.#window.load(pageUrl(url, this.#options.theme ?? 'auto'));
    else this.#window.focus();
  }

  /** Shows another URL in the same window. */
  show(url: string): void {
    this.#stop();
    this.ready = false;
    this.#following = false;
    this.#asked = [];
    this.#origin = new URL(url).origin;
    this.#window.load(pageUrl(url, this.#options.theme ?? 'auto'));
    this.#await();
    if (this.mode === 'popup') this.#look();
  }

  /** Asks the page to end. One that is not there yet, or does not answer, ends without it. */
  leave(force: boolean): void {
    const now = Date.now();
    this.#asked = [...this.#asked.filter((at) => now - at < INSISTS_WITHIN_MS), now];
    const forced = force || this.#asked.length >= INSISTS_AFTER;
    if (!this.ready || this.#window.gone) return this.#end(exit(force ? 'forced_exit' : 'user_exit'));
    this.#window.source?.postMessage(exitRequested(forced), this.#origin);
    if (forced) this.#later(ENDS_WITHIN_MS, () => this.#end(exit('forced_exit')));
  }

  /** Takes the window away and tells nobody. */
  drop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#stop();
    removeEventListener('message', this.#hear);
    this.#window.close();
    this.#onEnd();
  }

  #hear = ({ data, origin, source }: MessageEvent): void => {
    // Both: another window may have the origin, and this window may have gone elsewhere.
    if (origin !== this.#origin || !source || source !== this.#window.source) return;
    const message = read(data);
    if (!message || this.#over) return;
    switch (message.event) {
      case 'loaded':
        this.ready = true;
        this.#window.loaded();
        if (this.#told) return;
        this.#told = true;
        return this.#options.onLoad?.();
      case 'sandbox_info':
        return this.#options.onSandboxInfo?.(message.metadata);
      default:
        return this.#end(message);
    }
  };

  /** The one end of an opening, or its renewal. */
  #end(message: Message): void {
    if (this.#over) return;
    if (message.event === 'invalid_session') return this.#renew();
    this.drop();
    if (message.event === 'exit') this.#options.onClose?.(message.metadata);
    if (message.event === 'success') this.#succeed(message.metadata);
  }

  #succeed(metadata: Success): void {
    const stay = this.#options.onSuccess?.(metadata) === false;
    if (metadata.redirect && metadata.successUrl && !stay) location.assign(metadata.successUrl);
  }

  /** Waits for another URL where the application is fetching one, and else ends. */
  #renew(): void {
    this.#stop();
    this.ready = false;
    const shown = (this.#shown += 1);
    const answer = this.#renewals < RENEWALS_MAX ? this.#options.onInvalidSession : undefined;
    if (!answer) {
      this.drop();
      // Out of renewals: the application hears it all the same, and what it answers is not shown.
      this.#options.onInvalidSession?.();
      return;
    }
    this.#renewals += 1;
    let fresh: unknown;
    try {
      fresh = answer();
    } catch (error) {
      this.drop();
      throw error;
    }
    if (!(fresh instanceof Promise) && !isWebUrl(fresh)) return this.drop();
    Promise.resolve(fresh).then(
      (url) => {
        if (this.#over || shown !== this.#shown) return;
        if (isWebUrl(url)) this.show(url);
        else this.drop();
      },
      (error: unknown) => {
        this.drop();
        throw error;
      },
    );
  }

  /** A page that says nothing cannot: its session is not known, or this page may not frame it. */
  #await(): void {
    this.#later(LOADS_WITHIN_MS, () => {
      if (this.ready || this.#following) return;
      if (this.mode === 'popup' && this.#options.getStatus) void this.#follow();
      else this.#end({ event: 'invalid_session' });
    });
  }

  /** Looks whether the popup is still there. What it said last may arrive after it has gone, so that it is looked at twice. */
  #look(gone = false): void {
    this.#later(LOOK_EVERY_MS, () => {
      if (this.#following) return;
      if (!this.#window.gone) return this.#look();
      if (!gone) return this.#look(true);
      if (this.#options.getStatus) return void this.#follow();
      this.#end(exit('user_exit'));
    });
  }

  /** Goes by what the application says of the session. */
  async #follow(): Promise<void> {
    this.#following = true;
    const shown = this.#shown;
    let status: Status | undefined;
    try {
      status = await this.#options.getStatus?.();
    } catch {
      // An application that cannot say now is asked again.
    }
    if (this.#over || shown !== this.#shown) return;
    const end = outcome(status);
    if (end) return this.#end(end);
    // Its messages arrived, so it was not cut off: the user closed it.
    if (this.ready && this.#window.gone) return this.#end(exit('user_exit'));
    this.#later(ASK_EVERY_MS, () => void this.#follow());
  }

  #later(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }

  #stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

/** What a status says that a message would have said; `null` while the session goes on. */
function outcome(answer: Status | undefined): Message | null {
  const { status, data } = typeof answer === 'object' ? answer : { status: answer, data: undefined };
  switch (status) {
    case 'completed': {
      const metadata: Success = { successUrl: '', redirect: false };
      if (data?.id && data.userData) {
        metadata.connection = { id: data.id, userData: data.userData };
        metadata.user = data.userData;
      }
      return { event: 'success', metadata };
    }
    case 'denied':
      return exit('user_exit');
    case 'failed':
      return exit('error', { error_type: data?.errorCode ?? 'internal_error', error_message: '' });
    case 'not_found':
      return { event: 'invalid_session' };
    default:
      return null;
  }
}
