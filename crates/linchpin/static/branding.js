// The preview of an app's branding: a change shows at once, and a logo is shown from its file, which is sent nowhere.
(() => {
  'use strict';
  const find = (query) => document.querySelector(query);
  const [form, field, problem] = ['#fields', '#logo', '#logo-problem'].map(find);
  let picture;
  let flag = '';

  /** Puts the chosen logo in the place of the app's mark. */
  function dress(frame) {
    const mark = picture && frame.contentDocument && frame.contentDocument.querySelector('.marks > .mark');
    if (!mark) return;
    const image = frame.contentDocument.createElement('img');
    mark.replaceWith(Object.assign(image, { className: 'mark', src: picture, alt: '' }));
  }

  function begin() {
    for (const frame of document.querySelectorAll('iframe')) {
      frame.addEventListener('load', () => dress(frame));
      dress(frame);
    }
    if (!flag) return;
    find('#same').hidden = true;
    find('#command').hidden = false;
    find('#command code').textContent += flag;
  }

  // Answers may overtake one another; only the last question's counts.
  let asked = 0;

  async function show() {
    asked += 1;
    const mine = asked;
    const address = `/branding?${new URLSearchParams(new FormData(form))}`;
    const answer = await fetch(address);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (mine !== asked) return;
    find('#result').replaceWith(document.adoptNode(page.querySelector('#result')));
    history.replaceState(null, '', address);
    begin();
  }

  field.addEventListener('change', () => {
    const [file] = field.files;
    const fits = file && file.size <= 256 * 1024 && /^image\/(png|jpeg|webp)$/.test(file.type);
    problem.hidden = !file || Boolean(fits);
    if (!fits) return;
    const reader = new FileReader();
    reader.onload = () => {
      picture = reader.result;
      flag = ` --logo '${file.name.replaceAll("'", "'\\''")}'`;
      show();
    };
    reader.readAsDataURL(file);
  });
  form.addEventListener('change', (event) => event.target !== field && form.reportValidity() && show());
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    show();
  });
  field.parentElement.hidden = false;
  begin();
})();
