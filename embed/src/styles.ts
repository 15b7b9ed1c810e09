// Constructed style sheets: a content security policy without 'unsafe-inline' lets them be.

/** A style sheet for a shadow tree. */
export function sheet(css: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}

const dark = 'color-scheme:dark;--paper:oklch(.21 .014 268);--ink:oklch(.965 .004 268);--soft:oklch(.76 .014 268);--line:oklch(.32 .016 268);--focus:oklch(.8 .11 262)';

/**
 * The modal. Once it is open, nothing is transparent, transformed or filtered: the link page asks the browser whether it is
 * really seen, and such a frame is not.
 */
export const modalCss = `
:host{all:initial;color-scheme:light;--paper:#fff;--ink:oklch(.22 .02 268);--soft:oklch(.46 .018 268);--line:oklch(.91 .008 265);--focus:oklch(.5 .2 262)}
:host([data-theme=dark]){${dark}}
@media (prefers-color-scheme:dark){:host([data-theme=auto]){${dark}}}
dialog{box-sizing:border-box;position:fixed;inset:0;margin:auto;padding:0;inline-size:402px;block-size:706px;max-inline-size:100%;max-block-size:calc(100dvh - 32px);border:1px solid var(--line);border-radius:16px;background:var(--paper);color:var(--ink);overflow:hidden;box-shadow:0 24px 64px -16px rgb(16 20 48/.4)}
dialog[open]{display:flex;flex-direction:column;animation:rise .18s ease-out}
dialog::backdrop{background:rgb(12 14 24/.56);animation:fade .18s ease-out}
@keyframes rise{from{translate:0 8px}}
@keyframes fade{from{opacity:0}}
.bar{display:flex;justify-content:flex-end;flex:none;padding:4px 4px 0}
button{display:grid;place-items:center;inline-size:44px;block-size:44px;padding:0;border:0;border-radius:12px;background:none;color:var(--soft);cursor:pointer;touch-action:manipulation}
button:hover{color:var(--ink)}
button:focus-visible{outline:3px solid var(--focus);outline-offset:-3px}
svg{inline-size:20px;block-size:20px;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round}
.place{position:relative;flex:1;min-block-size:0}
iframe{position:absolute;inset:0;inline-size:100%;block-size:100%;border:0;visibility:hidden}
.ready iframe{visibility:visible}
.wait{position:absolute;inset:0;margin:auto;inline-size:28px;block-size:28px;border:3px solid var(--line);border-block-start-color:var(--soft);border-radius:50%;animation:turn 1s linear infinite}
.ready .wait{display:none}
@keyframes turn{to{rotate:1turn}}
@media (max-width:480px),(max-height:480px){dialog{inline-size:100%;block-size:100dvh;max-block-size:100%;border:0;border-radius:0}}
@media (prefers-reduced-motion:reduce){dialog[open],dialog::backdrop{animation:none}.wait{animation-duration:4s}}
`;

/** The button of `<account-link>`, which the page styles by `::part(button)`. */
export const buttonCss = `
:host{display:inline-block}
:host([hidden]){display:none}
button{font:600 1rem/1.5 system-ui,sans-serif;min-block-size:48px;padding:8px 20px;border:0;border-radius:12px;background:oklch(.22 .02 268);color:#fff;cursor:pointer;touch-action:manipulation}
:host([theme=dark]) button{background:oklch(.965 .004 268);color:oklch(.22 .02 268)}
@media (prefers-color-scheme:dark){:host(:not([theme=light])) button{background:oklch(.965 .004 268);color:oklch(.22 .02 268)}}
button:focus-visible{outline:3px solid oklch(.6 .2 262);outline-offset:2px}
`;
