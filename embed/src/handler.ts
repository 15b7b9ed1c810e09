// The handler: what an application holds.

import { Opening } from './opening.js';
import type { Handler, Options } from './options.js';
import { isWebUrl } from './protocol.js';

/** Makes a handler. Nothing is opened, listened to or put into the document before `open()`. */
export function create(options: Options = {}): Handler {
  let url = options.url === undefined ? undefined : checked(options.url);
  let opening: Opening | undefined;
  let destroyed = false;

  return {
    open(next) {
      if (destroyed) throw new Error('open(): this handler was destroyed; create another');
      if (next !== undefined) url = checked(next);
      if (!url) throw new Error('open(): no URL; give one to create({ url }), setUrl(url) or open(url)');
      if (opening) {
        opening.focus(url);
        return opening.mode;
      }
      const made: Opening = new Opening(url, options, () => {
        if (opening === made) opening = undefined;
      });
      opening = made;
      return made.mode;
    },
    close({ force = false } = {}) {
      opening?.leave(force);
    },
    cleanup() {
      opening?.drop();
    },
    destroy() {
      destroyed = true;
      opening?.drop();
    },
    setUrl(next) {
      url = checked(next);
    },
    get ready() {
      return opening?.ready ?? false;
    },
  };
}

/** A URL that a frame may be given: a `javascript:` one would run in this page. */
function checked(url: string): string {
  if (!isWebUrl(url)) throw new TypeError('url: not an http or https URL; give the url that POST /v2/link/init answered');
  return url;
}
