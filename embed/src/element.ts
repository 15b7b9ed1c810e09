// `<account-link url theme mode label>`: a button that opens the link page.

import { modeOf, telling, themeOf } from './attributes.js';
import { create } from './handler.js';
import type { Handler, Mode, Options } from './options.js';
import { buttonCss, sheet } from './styles.js';
import { words } from './words.js';

/** `<account-link>`, and `<ofauth-link>`. */
export interface AccountLink extends HTMLElement {
  url: string;
  theme: string;
  mode: string;
  label: string;
  /** The application's word on the session, for popups: see `Options`. */
  getStatus: Options['getStatus'];
  open(): Mode;
  close(how?: { force?: boolean }): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'account-link': AccountLink;
    'ofauth-link': AccountLink;
  }
}

const REFLECTED = ['url', 'theme', 'mode', 'label'] as const;

/** Defines the elements; again does nothing. A function, since there is no `HTMLElement` where pages are rendered on a server. */
export function defineElements(): void {
  if (customElements.get('account-link')) return;

  class Element extends HTMLElement {
    static observedAttributes = ['label'];
    getStatus: Options['getStatus'];
    #handler: Handler | undefined;
    #button: HTMLButtonElement;

    constructor() {
      super();
      this.#button = document.createElement('button');
      this.#button.type = 'button';
      this.#button.setAttribute('part', 'button');
      this.#button.addEventListener('click', () => this.open());
      const shadow = this.attachShadow({ mode: 'open', delegatesFocus: true });
      shadow.adoptedStyleSheets = [sheet(buttonCss)];
      shadow.append(this.#button);
    }

    connectedCallback(): void {
      this.attributeChangedCallback();
    }

    disconnectedCallback(): void {
      this.#handler?.destroy();
      this.#handler = undefined;
    }

    attributeChangedCallback(): void {
      this.#button.textContent = this.getAttribute('label') || words().connect;
    }

    open(): Mode {
      this.#handler ??= create(this.#options());
      return this.#handler.open(this.getAttribute('url') ?? '');
    }

    close(how?: { force?: boolean }): void {
      this.#handler?.close(how);
    }

    /** Attributes are read when they count: the theme and the mode at each opening. */
    #options(): Options {
      const element = this;
      return {
        ...telling(element),
        get theme() {
          return themeOf(element.getAttribute('theme'));
        },
        get mode() {
          return modeOf(element.getAttribute('mode'));
        },
        get getStatus() {
          return element.getStatus;
        },
      };
    }
  }

  for (const name of REFLECTED) {
    Object.defineProperty(Element.prototype, name, {
      get(this: HTMLElement) {
        return this.getAttribute(name) ?? '';
      },
      set(this: HTMLElement, value: string) {
        this.setAttribute(name, value);
      },
    });
  }
  customElements.define('account-link', Element);
  customElements.define('ofauth-link', class extends Element {});
}
