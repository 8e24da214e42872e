// Operations: the menu, and the dialogs that the server draws; what is typed in one survives a refusal.
import { all, on, one } from '../lib/dom.js';

/** Close the menu of operations, with the focus where it was opened. */
function fold(menu, { focus = false } = {}) {
  menu.removeAttribute('open');
  if (focus) one('summary', menu).focus();
}

let listening = false;

function listen() {
  if (listening) return;
  listening = true;
  document.addEventListener('click', (event) => {
    all('.operations[open]').filter((menu) => !menu.contains(event.target) || event.target.closest('.menu a, .menu button'))
      .forEach((menu) => fold(menu));
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || one('dialog[open]')) return;
    const menu = one('.operations[open]');
    if (!menu) return;
    event.stopImmediatePropagation();
    fold(menu, { focus: true });
  }, true);
  on('keydown', 'a[role="button"]', (event, link) => {
    if (event.key !== ' ') return;
    event.preventDefault();
    link.click();
  });
}

/** Of the ways back only those stay in sight that the chosen step leaves to choose. */
function ways(dialog) {
  const choices = one('[data-choice="mode"]', dialog);
  if (!choices) return;
  const modes = (one('[data-choice="target"] input:checked', dialog)?.dataset.modes ?? '').split(' ');
  choices.hidden = modes.length < 2;
  all('input', choices).forEach((input) => { input.disabled = modes.length < 2; });
}

/** What the task's page has and the dialog sends too: pinned opinions, the wish for the next task, the opinion. */
function takeAlong(dialog) {
  const task = dialog.closest('#task');
  const form = one('form', dialog);
  if (!task) return;
  one('[data-then]', form).value = one('[data-remember="then"]', task)?.checked ? 'next' : '';
  const text = one('#op-reason[required], #op-opinion', dialog);
  const opinion = one('#opinion', task);
  if (text && !text.value && opinion) text.value = opinion.value;
  if (!one('[data-choice="target"]', dialog)) return;
  for (const [name, value] of new FormData(one('#task-form', task))) {
    if (!/^pin\./.test(name) || typeof value !== 'string') continue;
    const input = document.createElement('input');
    Object.assign(input, { type: 'hidden', name, value });
    form.append(input);
  }
}

function open(dialog) {
  if (dialog.open) return;
  const first = one('[data-error]', dialog) ?? one('input:not([type="hidden"]):not([disabled]), select, textarea', dialog);
  takeAlong(dialog);
  ways(dialog);
  on('change', '[data-choice="target"] input', () => ways(dialog), dialog);
  on('click', '[data-close-operation]', () => dialog.close(), dialog);
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener('close', () => dialog.remove());
  dialog.addEventListener('htmx:beforeRequest', (event) => {
    if (event.detail.elt === one('form', dialog)) all('.buttons button', dialog).forEach((button) => { button.disabled = true; });
  });
  dialog.addEventListener('htmx:afterRequest', (event) => {
    if (!event.detail.xhr.getResponseHeader('HX-Redirect')) all('.buttons button', dialog).forEach((button) => { button.disabled = false; });
  });
  dialog.showModal();
  first?.focus();
}

/** Bring the menu and an open dialog inside `root` to life. */
export function initOperations(root) {
  listen();
  const dialog = root.matches?.('dialog[data-operation]') ? root : one('dialog[data-operation]', root);
  if (dialog) open(dialog);
}
