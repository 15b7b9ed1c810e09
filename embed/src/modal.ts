// The link page in a frame above the page: a modal dialog of the browser's own, in a shadow tree that no style of the page reaches.

import { lockScroll, rememberFocus } from './focus.js';
import type { Theme } from './options.js';
import { modalCss, sheet } from './styles.js';
import type { LinkWindow } from './window.js';
import { words } from './words.js';

/** What the link page needs, and no more: its forms and scripts, and links that a user follows out of the frame. */
export const SANDBOX =
  'allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation';

const SVG = 'http://www.w3.org/2000/svg';

function make<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, string>, ...inside: Node[]) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
}

function cross(): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', 'M6 6l12 12M18 6L6 18');
  svg.append(path);
  return svg;
}

/** Opens the modal on a page's URL; `wantsOut` hears that the user would like to leave it. */
export function openModal(url: string, theme: Theme, wantsOut: () => void): LinkWindow {
  const { lang, connect, close, loading } = words();
  const frameOn = (address: string) =>
    make('iframe', { title: connect, sandbox: SANDBOX, allow: '', referrerpolicy: 'no-referrer', src: address });

  let frame = frameOn(url);
  const place = make('div', { class: 'place' }, make('div', { class: 'wait', role: 'status', 'aria-label': loading }), frame);
  const button = make('button', { type: 'button', 'aria-label': close }, cross());
  const dialog = make('dialog', { 'aria-label': connect }, make('div', { class: 'bar' }, button), place);
  const host = make('div', { 'data-theme': theme, lang, dir: lang === 'ar' ? 'rtl' : 'ltr' });
  const shadow = host.attachShadow({ mode: 'open' });
  shadow.adoptedStyleSheets = [sheet(modalCss)];
  shadow.append(dialog);

  button.addEventListener('click', wantsOut);
  dialog.addEventListener('click', (event) => {
    // What is in the dialog covers it, so this is the backdrop.
    if (event.target === dialog) wantsOut();
  });
  dialog.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    if (!event.repeat) wantsOut();
  });
  // A phone's gesture for going back. The browser closes the dialog when it is made twice.
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    wantsOut();
  });
  dialog.addEventListener('close', () => {
    if (host.isConnected) dialog.showModal();
  });

  const focusBack = rememberFocus();
  const scrollBack = lockScroll();
  (document.body ?? document.documentElement).append(host);
  dialog.showModal();

  return {
    get source() {
      return frame.contentWindow;
    },
    get gone() {
      return !host.isConnected;
    },
    load(next) {
      // A new frame, not a new address: that would be one more step for the browser's Back.
      const fresh = frameOn(next);
      frame.replaceWith(fresh);
      frame = fresh;
      place.classList.remove('ready');
    },
    loaded() {
      place.classList.add('ready');
      frame.focus();
    },
    focus: () => frame.focus(),
    close() {
      host.remove();
      scrollBack();
      focusBack();
    },
  };
}
