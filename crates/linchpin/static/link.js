// The hosted pages with scripts on: the same forms and links, without full loads. Everything works without this file.
(() => {
  'use strict';
  const root = document.documentElement;
  const find = (query, within = document) => within.querySelector(query);
  const all = (query) => document.querySelectorAll(query);
  const later = (run, ms) => {
    const mine = shown;
    return setTimeout(() => mine === shown && run(), ms);
  };
  // How many pages were shown so far; what an earlier page began finds itself out of date.
  let shown = 0;
  let sending = false;
  let moved = 0;

  const ask = (address, accept, more) =>
    fetch(address, { headers: { Accept: accept }, redirect: 'manual', credentials: 'same-origin', cache: 'no-store', ...more });
  const is = (answer, kind) => (answer.headers.get('Content-Type') || '').includes(kind);

  /** Puts another page of ours in the place of this one; false when the text is no page of ours. */
  function show(html, address) {
    const page = new DOMParser().parseFromString(html, 'text/html');
    if (!page.body.dataset.step) return false;
    if (address) history.replaceState(null, '', address);
    document.title = page.title;
    for (const name of ['lang', 'dir', 'data-theme']) root.setAttribute(name, page.documentElement.getAttribute(name));
    document.body.replaceWith(document.adoptNode(page.body));
    scrollTo(0, 0);
    begin();
    (find('[autofocus]') || find('h1')).focus();
    return true;
  }

  /** Goes on to an address: in place when it is a page of ours, by a full load otherwise. False when the page stays. */
  async function go(next) {
    const address = new URL(next, location.href);
    if (address.origin === location.origin && !address.pathname.endsWith('/return')) {
      try {
        const answer = await ask(address, 'text/html');
        if (is(answer, 'html') && show(await answer.text(), address.href)) return false;
      } catch { /* A full load shows what is wrong. */ }
    }
    location.assign(address);
    return true;
  }

  /** Shows or hides what is typed into the password field. */
  function unmask(seen) {
    const [field, button] = [find('#password'), find('#peek')];
    if (!field) return;
    field.type = seen ? 'text' : 'password';
    button.textContent = seen ? button.dataset.hide : button.dataset.show;
  }

  /** Sends the step's form as the pressed button would. */
  async function send(form, button) {
    const body = new URLSearchParams(new FormData(form));
    if (button) body.set(button.name, button.value);
    const label = button && find('span', button);
    const words = label && label.textContent;
    const say = (text) => {
      if (label && button.value === 'continue') label.textContent = text;
      const status = find('#status', form);
      if (status) status.textContent = text;
    };
    const timers = [
      setTimeout(() => button && button.setAttribute('aria-busy', 'true'), 400),
      setTimeout(() => say(form.dataset.slow), 3000),
    ];
    find('#offline').hidden = true;
    unmask(false);
    sending = true;
    let leaving = false;
    try {
      const answer = await ask(form.getAttribute('action'), 'application/json', { method: 'POST', body });
      if (answer.ok && is(answer, 'json')) {
        leaving = await go((await answer.json()).next);
      } else if (answer.type === 'opaqueredirect') {
        leaving = true;
        if (button) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: button.name, value: button.value }));
        form.submit();
      } else if (!is(answer, 'html') || !show(await answer.text())) {
        throw new Error(answer.status);
      }
    } catch {
      find('#offline').hidden = false;
      const retry = find('#retry');
      retry.onclick = () => form.requestSubmit(button);
      retry.focus();
    }
    timers.forEach(clearTimeout);
    if (leaving) return;
    sending = false;
    if (button) button.removeAttribute('aria-busy');
    if (label) label.textContent = words;
  }

  /** Asks where the flow stands until it goes on: every second at first, then every two. */
  function poll(address, asked) {
    later(async () => {
      const mine = shown;
      try {
        const answer = sending ? null : await ask(address, 'application/json');
        if (answer && !sending && mine === shown) {
          if (answer.ok && is(answer, 'json')) {
            if (await go((await answer.json()).next)) return;
          } else if (is(answer, 'html')) {
            if (await go(address)) return;
          }
        }
      } catch { /* The network may come back. */ }
      if (mine === shown) poll(address, asked + 1);
    }, asked < 10 ? 1000 : 2000);
  }

  /** Counts an element's seconds down, then does what it says. */
  function count(element) {
    const end = Date.now() + element.dataset.seconds * 1000;
    const reload = element.dataset.then === 'reload';
    const button = reload ? null : find('#resend');
    if (button) button.setAttribute('aria-disabled', 'true');
    const tick = () => {
      const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      find('bdi', element).textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
      if (left > 0) return later(tick, 500);
      if (reload) return location.reload();
      element.hidden = true;
      if (button) button.removeAttribute('aria-disabled');
    };
    tick();
  }

  /** Sets up the page that is shown now. */
  function begin() {
    shown += 1;
    const { wait, leave } = document.body.dataset;
    if (wait) poll(wait, 0);
    // Nobody is hurried away from the private link; a pointer that only rests there is nobody.
    const back = () => (!document.hidden && find(`.keep :is(${moved === shown ? ':hover,' : ''}:focus-visible)`) ? later(back, 500) : location.replace(leave));
    if (leave) later(back, 2000);
    all('[data-seconds]').forEach(count);
    // Written anew, it is read out.
    const late = find('.late');
    if (late) later(() => { late.textContent += ''; }, 3000);
    all('#peek, [data-fill]').forEach((button) => { button.hidden = false; });
  }

  document.addEventListener('mousemove', () => { moved = shown; });

  const caps = (event) => {
    const hint = find('#caps');
    if (!hint || event.target.id !== 'password' || !event.getModifierState) return;
    const text = event.getModifierState('CapsLock') ? hint.dataset.on : '';
    if (hint.textContent !== text) hint.textContent = text;
  };
  document.addEventListener('keydown', caps);
  document.addEventListener('keyup', caps);

  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.id !== 'step' || (event.submitter || 0).formTarget) return;
    event.preventDefault();
    const button = event.submitter || find('button[name=action]', form);
    if (!sending && !(button && button.getAttribute('aria-disabled') === 'true')) send(form, button);
  });

  document.addEventListener('click', (event) => {
    for (const menu of all('.menu[open]')) if (!menu.contains(event.target)) menu.open = false;
    const button = event.target.closest('#peek, [data-fill]');
    if (!button) return;
    const password = find('#password');
    if (button.id === 'peek') {
      unmask(password.type === 'password');
    } else {
      find('#username').value = button.dataset.fill;
      password.value = button.dataset.password;
      button.closest('details').open = false;
      find('.go').focus();
    }
  });

  document.addEventListener('keydown', (event) => {
    const menu = event.key === 'Escape' && find('.menu[open]');
    if (!menu) return;
    menu.open = false;
    find('summary', menu).focus();
  });

  // Codes are often copied with spaces or dashes in them.
  document.addEventListener('paste', (event) => {
    if (event.target.id !== 'code' || !event.clipboardData) return;
    event.preventDefault();
    event.target.value = event.clipboardData.getData('text').replace(/[\s-]/g, '');
  });

  // A page from the back/forward cache may be of a step that is over.
  addEventListener('pageshow', (event) => event.persisted && location.reload());
  begin();
})();
