// Pages that can be embedded: what happens is told to the page around them, or to the one that opened the window.
(() => {
  'use strict';
  const type = 'OFAUTH_LINK';
  const framed = parent !== window;
  const peer = framed ? parent : window.opener;
  const find = (query, within = document) => within.querySelector(query);

  /** The origin that messages go to: the first word about it that the app has registered, exactly; none otherwise. */
  const origin = (() => {
    const registered = (document.body.dataset.origins || '').split(' ').filter(Boolean);
    const words = [new URLSearchParams(location.search).get('embed_origin'), location.ancestorOrigins && location.ancestorOrigins[0]];
    try { words.push(new URL(document.referrer).origin); } catch { /* No referrer. */ }
    return words.find((word) => registered.includes(word));
  })();

  const post = (event, metadata) => {
    if (peer && origin) peer.postMessage({ type, event, metadata }, origin);
  };
  let loaded = false;
  let over = false;
  let forced = false;
  /** Tells the success that this page shows, if it shows one that was not told yet. */
  let finish = null;

  function end({ event, metadata }) {
    if (over) return;
    over = true;
    finish = null;
    if (event === 'exit' && forced) metadata.type = 'forced_exit';
    post(event, metadata);
  }

  const toldBy = (body) => JSON.parse(body.dataset.told || '[]');
  const isEnd = ({ event }) => event !== 'sandbox_info';

  /** Tells what belongs to the page that is shown now. */
  function shown() {
    const told = toldBy(document.body);
    const last = told.find(isEnd);
    if (!loaded && !(last && last.event === 'invalid_session')) {
      loaded = true;
      post('loaded');
    }
    for (const { event, metadata } of told) if (event === 'sandbox_info') post(event, metadata);
    // A provider's own page is not framed: it opens beside this one.
    const apart = framed && find('#step [name=apart]');
    if (apart) {
      apart.value = 'yes';
      find('.go', apart.form).formTarget = '_blank';
    }
    if (last && last.event === 'success') stay(last);
    else if (last) end(last);
    watch();
  }

  /** The last page stands for a moment, and as long as the user is at the private link. */
  function stay(success) {
    const mine = () => end(success);
    finish = mine;
    const go = () => {
      if (finish !== mine) return;
      if (!document.hidden && find('.keep :is(:hover, :focus-visible)')) setTimeout(go, 500);
      else mine();
    };
    setTimeout(go, 2000);
  }

  /** The session is cancelled without a question, whatever page it is at by now. */
  async function leaveAtOnce(tries) {
    forced = true;
    let form = find('#step');
    const step = document.body.dataset.step;
    try {
      while (form && tries > 0 && !over) {
        tries -= 1;
        const body = new URLSearchParams({ token: form.elements.token.value, action: 'cancel', confirm: 'yes' });
        const answer = await fetch(form.getAttribute('action'), { method: 'POST', body, keepalive: true, credentials: 'same-origin', cache: 'no-store' });
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const last = toldBy(page.body).find(isEnd);
        if (last) return end(last);
        form = find('#step', page);
      }
    } catch { /* The session runs out by itself. */ }
    end({ event: 'exit', metadata: { type: 'forced_exit', step, error: null } });
  }

  addEventListener('message', ({ source, origin: from, data }) => {
    if (!peer || source !== peer || from !== origin || !data || data.type !== type || data.event !== 'exit_requested') return;
    if (finish) return finish();
    const cancel = find('#step button[name=action][value=cancel]');
    if (data.force || !cancel) {
      leaveAtOnce(3);
    } else if (find('#step [name=confirm]')) {
      cancel.focus();
    } else {
      cancel.form.requestSubmit(cancel);
    }
  });

  document.addEventListener('click', (event) => {
    if (!finish || !peer || !origin || !event.target.closest('.go')) return;
    event.preventDefault();
    finish();
  });

  // Nobody may lay something over a framed page and have its button pressed for another: it must be seen to work.
  const tells = framed && 'IntersectionObserverEntry' in window && 'isVisible' in IntersectionObserverEntry.prototype;
  const sight = tells && new IntersectionObserver((entries) => { seen = entries[entries.length - 1].isVisible; }, { trackVisibility: true, delay: 100 });
  let seen;
  let since = 0;
  let passed = null;

  function watch() {
    since = performance.now();
    seen = undefined;
    if (!sight) return;
    sight.disconnect();
    const button = find('#step .go');
    if (button) sight.observe(button);
  }

  function covered(form) {
    const old = find('#covered');
    if (old) old.remove();
    const words = Object.assign(document.createElement('p'), { id: 'covered', className: 'alert', textContent: document.body.dataset.covered });
    words.setAttribute('role', 'alert');
    find('.ways', form).before(words);
  }

  document.addEventListener('submit', (event) => {
    const { target: form, submitter: button } = event;
    if (!framed || form.id !== 'step' || passed === button || (button && button.value !== 'continue')) return;
    if (tells ? seen : performance.now() - since >= 500) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!tells) return;
    // What is seen is known a moment after the page is shown.
    const wait = seen === undefined ? 400 : 150;
    setTimeout(() => {
      if (!form.isConnected) return;
      if (!seen) return covered(form);
      passed = button;
      form.requestSubmit(button);
      passed = null;
    }, wait);
  }, true);

  new MutationObserver(shown).observe(document.documentElement, { childList: true });
  shown();
})();
