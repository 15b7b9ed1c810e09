// What a page looks like, measured.

/** The brightness, 0 to 1, of the page's own background; a canvas understands every notation of colours. */
export function backgroundBrightness(page) {
  return page.evaluate(() => {
    const context = document.createElement('canvas').getContext('2d');
    for (const element of [document.body, document.documentElement]) {
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = getComputedStyle(element).backgroundColor;
      context.fillRect(0, 0, 1, 1);
      const [red, green, blue, opacity] = context.getImageData(0, 0, 1, 1).data;
      if (opacity > 0) return (red + green + blue) / 3 / 255;
    }
    return getComputedStyle(document.documentElement).colorScheme.includes('dark') ? 0 : 1;
  });
}

/** Tells what makes the page wider than the window, or answers `undefined`. `rootFontSize` enlarges its text. */
export function sidewaysOverflow(page, rootFontSize = '') {
  return page.evaluate((fontSize) => {
    const root = document.documentElement;
    root.style.fontSize = fontSize;
    const [needed, given] = [root.scrollWidth, root.clientWidth];
    const beyond = ({ left, right }) => right > given + 1 || left < -1;
    const culprits = [...document.body.querySelectorAll('*')]
      .filter((element) => beyond(element.getBoundingClientRect()))
      .map((element) => element.outerHTML.slice(0, 90));
    root.style.fontSize = '';
    return needed > given ? `${needed} > ${given}: ${culprits.slice(-2).join(' … ')}` : undefined;
  }, rootFontSize);
}
