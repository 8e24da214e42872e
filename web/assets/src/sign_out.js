// Signing out: what is typed goes to the server first, and nothing of it stays in this browser.
import { ask } from './lib/dialog.js';
import { make, on } from './lib/dom.js';
import { say } from './lib/strings.js';
import { erase } from './task/copies.js';

async function signOut(form) {
  const saving = [];
  document.dispatchEvent(new CustomEvent('session:ending', { detail: saving }));
  const saved = await Promise.all(saving);
  if (saved.includes(false)) {
    const lose = await ask({ title: say('sign_out_unsaved'), body: [make('p', {}, say('sign_out_loses'))], yes: say('sign_out_yes'), danger: true });
    if (!lose) return;
    document.dispatchEvent(new CustomEvent('session:ended'));
  }
  await erase();
  form.submit();
}

export function initSignOut() {
  on('submit', 'form[data-sign-out]', (event, form) => {
    event.preventDefault();
    signOut(form);
  });
}
