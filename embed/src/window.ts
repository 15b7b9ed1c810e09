// What a modal and a popup have in common.

import type { Theme } from './options.js';

/** Where the link page is shown. */
export interface LinkWindow {
  /** Whose messages are the link page's. */
  readonly source: Window | null;
  /** Whether it was closed, or is out of reach: a browser tells the two apart for nobody. */
  readonly gone: boolean;
  /** Shows a URL in the place of what is there. */
  load(url: string): void;
  /** The link page says that it can be used. */
  loaded(): void;
  focus(): void;
  close(): void;
}

/** The address that the page is opened with: what it should look like, and who would like to be told. */
export function pageUrl(url: string, theme: Theme): string {
  const page = new URL(url);
  page.searchParams.set('embed', 'true');
  page.searchParams.set('embed_origin', location.origin);
  page.searchParams.set('theme', theme);
  return page.href;
}
