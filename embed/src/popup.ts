// The link page in a window of its own.

import type { LinkWindow } from './window.js';

const WIDTH = 440;
const HEIGHT = 720;

/** `null` where the browser refuses: it allows a popup in a click only, and so this opens it at once. */
export function openPopup(url: string): LinkWindow | null {
  let popup = show(url);
  return (
    popup && {
      get source() {
        return popup;
      },
      get gone() {
        return !popup || popup.closed;
      },
      load(next) {
        // One that is out of reach cannot be led on; another can be opened.
        if (!popup || popup.closed) popup = show(next);
        else popup.location.replace(next);
      },
      loaded() {},
      focus: () => popup?.focus(),
      close: () => popup?.close(),
    }
  );
}

function show(url: string): Window | null {
  const left = Math.max(0, screenX + (outerWidth - WIDTH) / 2);
  const top = Math.max(0, screenY + (outerHeight - HEIGHT) / 2);
  return open(url, '_blank', `popup,width=${WIDTH},height=${HEIGHT},left=${Math.round(left)},top=${Math.round(top)}`);
}
