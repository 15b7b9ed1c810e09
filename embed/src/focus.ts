// What the page behind an open modal gives up, and gets back.

/** The element that has the focus, be it inside of shadow trees. */
function focused(): HTMLElement | null {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active instanceof HTMLElement ? active : null;
}

/** Remembers where the focus is; the answer puts it back there. */
export function rememberFocus(): () => void {
  const element = focused();
  return () => element?.isConnected && element.focus({ preventScroll: true });
}

let locks = 0;
let before: { overflow: string; gutter: string } | undefined;

/** Keeps the page from scrolling until the answer is called; several modals keep it together. */
export function lockScroll(): () => void {
  const { style, clientWidth } = document.documentElement;
  locks += 1;
  if (!before) {
    before = { overflow: style.overflow, gutter: style.scrollbarGutter };
    // A scrollbar that goes would move the page.
    if (innerWidth > clientWidth) style.scrollbarGutter = 'stable';
    style.overflow = 'hidden';
  }
  let released = false;
  return () => {
    if (released || !before) return;
    released = true;
    locks -= 1;
    if (locks > 0) return;
    style.overflow = before.overflow;
    style.scrollbarGutter = before.gutter;
    if (!document.documentElement.getAttribute('style')) document.documentElement.removeAttribute('style');
    before = undefined;
  };
}
