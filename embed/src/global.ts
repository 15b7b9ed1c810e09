// The build for a script tag: defines the elements, and sets up links where the tag says `data-auto-init`.

import { defineElements } from './element.js';
import { init, LinkEmbed } from './index.js';

const globals = window as unknown as Record<string, object | undefined>;
for (const name of ['Linchpin', 'OFAuth']) globals[name] = Object.assign(globals[name] ?? {}, { LinkEmbed });

defineElements();
if (document.currentScript?.hasAttribute('data-auto-init')) init();
