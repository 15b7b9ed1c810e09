// `<a data-link href="…">`: links that open the link page where they are, and go to it without scripts.

import { create } from './handler.js';
import type { Handler, Mode, Options, Theme } from './options.js';

const LINKS = 'a[data-link], a[data-ofauth-link]';

/** Tells an element's listeners; `false` where one of them has prevented what would come next. */
export function tell(element: Element, event: string, metadata?: unknown): boolean {
  return element.dispatchEvent(
    new CustomEvent(event, { bubbles: true, composed: true, cancelable: true, detail: { metadata } }),
  );
}

/** Options whose callbacks are events of an element. */
export function telling(element: Element): Options {
  return {
    onLoad: () => void tell(element, 'loaded'),
    onSuccess: (metadata) => tell(element, 'success', metadata),
    onClose: (metadata) => void tell(element, 'close', metadata),
    onInvalidSession: () => void tell(element, 'invalid_session'),
    onSandboxInfo: (metadata) => void tell(element, 'sandbox_info', metadata),
  };
}

/** `light` or `dark` where it says so, and else `auto`. */
export const themeOf = (value: string | null | undefined): Theme => (value === 'light' || value === 'dark' ? value : 'auto');
export const modeOf = (value: string | null | undefined): Mode => (value === 'popup' ? value : 'modal');

/** Sets up the links of a document, those to come included. The answer takes it back. */
export function setUpLinks(root: Document | Element): () => void {
  let current: { link: HTMLAnchorElement; handler: Handler; watching: MutationObserver } | undefined;

  const drop = () => {
    current?.watching.disconnect();
    current?.handler.destroy();
    current = undefined;
  };

  const clicked = (event: Event) => {
    const { button, metaKey, ctrlKey, shiftKey, altKey } = event as MouseEvent;
    const link = (event.target as Element).closest?.<HTMLAnchorElement>(LINKS);
    // Who wants the link in a tab of its own shall have it there.
    if (!link || event.defaultPrevented || button || metaKey || ctrlKey || shiftKey || altKey) return;
    event.preventDefault();
    if (current?.link === link) return void current.handler.open(link.href);
    drop();
    const { linkTheme, ofauthTheme, linkMode } = link.dataset;
    const handler = create({ ...telling(link), theme: themeOf(linkTheme ?? ofauthTheme), mode: modeOf(linkMode) });
    // A link that leaves the document takes its window along.
    const watching = new MutationObserver(() => link.isConnected || drop());
    watching.observe(document, { childList: true, subtree: true });
    current = { link, handler, watching };
    handler.open(link.href);
  };

  root.addEventListener('click', clicked);
  return () => {
    root.removeEventListener('click', clicked);
    drop();
  };
}
