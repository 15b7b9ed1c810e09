// The package: importing it does nothing yet, on a server either.

import { setUpLinks } from './attributes.js';
import { defineElements } from './element.js';
import { create } from './handler.js';

export type { AccountLink } from './element.js';
export type { Handler, Mode, Options, Status, Theme } from './options.js';
export type { Exit, SandboxInfo, Step, Success, UserData } from './protocol.js';
export { create };

const roots = new WeakMap<Document | Element, () => void>();

/**
 * Defines the elements and sets up links with `data-link` in `root`, those to come included. A second call for the same
 * root changes nothing. The answer takes the links back.
 */
export function init(root: Document | Element = document): () => void {
  defineElements();
  let undo = roots.get(root);
  if (!undo) {
    const takeBack = setUpLinks(root);
    undo = () => {
      takeBack();
      roots.delete(root);
    };
    roots.set(root, undo);
  }
  return undo;
}

export const LinkEmbed = { create, init };

/** The name that users of the existing library know. */
export const OFAuthLinkEmbed = LinkEmbed;
