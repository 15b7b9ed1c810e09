// The way back from a provider's own page: its form sends itself, and a window that has done its part closes.
(() => {
  'use strict';
  const form = document.querySelector('#back');
  // A parameter that is called `submit` would stand in the way of the form's own.
  if (form) HTMLFormElement.prototype.submit.call(form);
  else window.close();
})();
