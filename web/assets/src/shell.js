// The frame of every page: navigation on a phone, the account menu, help, print, dialogs that the page brings.
import { all, on, one } from './lib/dom.js';

function toggleNavigation(open) {
  document.body.classList.toggle('nav-open', open);
  one('[data-nav-toggle]')?.setAttribute('aria-expanded', String(document.body.classList.contains('nav-open')));
}

export function initShell() {
  on('click', '[data-nav-toggle]', () => toggleNavigation());
  on('click', '[data-help]', () => one('#help').showModal());
  on('click', '[data-open-dialog]', (event, button) => document.getElementById(button.dataset.openDialog).showModal());
  on('click', '[data-close-dialog]', (event, button) => button.closest('dialog').close());
  on('click', '[data-print]', () => window.print());
  // On paper nobody can unfold anything.
  let folded = [];
  window.addEventListener('beforeprint', () => {
    folded = all('details.document:not([open])');
    folded.forEach((part) => { part.open = true; });
  });
  window.addEventListener('afterprint', () => folded.forEach((part) => { part.open = false; }));
  document.addEventListener('click', (event) => {
    if (!event.target.closest('.me')) all('.me[open]').forEach((menu) => menu.removeAttribute('open'));
    if (!event.target.closest('.side, [data-nav-toggle]')) toggleNavigation(false);
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      all('.me[open]').forEach((menu) => menu.removeAttribute('open'));
      toggleNavigation(false);
    }
  });
}
