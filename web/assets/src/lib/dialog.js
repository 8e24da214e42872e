// A question that must be answered before something is done.
import { make } from './dom.js';
import { say } from './strings.js';

/** Ask; resolves to what `read` finds in the dialog when confirmed, to null when cancelled. */
export function ask({ title, body = [], yes = say('confirm_yes'), danger = false, read = () => true }) {
  return new Promise((resolve) => {
    const dialog = make('dialog', { class: 'dialog', 'aria-labelledby': 'ask-title' });
    const form = make('form', { method: 'dialog' },
      make('h2', { id: 'ask-title' }, title),
      ...body,
      make('div', { class: 'buttons' },
        make('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, say('confirm_no')),
        make('button', { class: danger ? 'button danger solid' : 'button primary', value: 'yes' }, yes)));
    form.addEventListener('submit', (event) => {
      const found = read(form);
      if (found === null) event.preventDefault();
      else dialog.found = found;
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.found ?? null);
    });
    dialog.append(form);
    document.body.append(dialog);
    dialog.showModal();
  });
}
