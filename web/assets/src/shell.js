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
  on('change', '[data-print-comments]', (event, box) => {
    document.querySelector('[data-comments-card]')?.classList.toggle('screen-only', !box.checked);
  });
  // On paper nobody can unfold anything.
  let folded = [];
  window.addEventListener('beforeprint', () => {
    folded = all('details.document:not([open])');
    folded.forEach((part) => { part.open = true; });
  });
  window.addEventListener('afterprint', () => folded.forEach((part) => { part.open = false; }));
  document.addEventListener('click', (event) => {
    closeMenus(event.target.closest('.me, .post-switch'));
    if (!event.target.closest('.side, [data-nav-toggle]')) toggleNavigation(false);
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      closeMenus();
      toggleNavigation(false);
    }
  });
}

/** Close the menus of the header but the one that was clicked on. */
function closeMenus(but = null) {
  all('.me[open], .post-switch[open]').filter((menu) => menu !== but).forEach((menu) => menu.removeAttribute('open'));
}
