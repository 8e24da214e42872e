// The form as users will see it: drawn by the server, which draws it for them too.
import { make } from '../lib/dom.js';
import { initForms } from '../form/index.js';
import { toast } from '../lib/toast.js';
import { ask } from './api.js';
import { phrase } from './phrases.js';

/** Show the form `content` in a dialog. */
export async function showPreview(url, content) {
  try {
    const { html } = await ask(url, { method: 'POST', body: JSON.parse(content) });
    const form = make('form', { id: 'task-form', class: 'bounded-high' });
    form.innerHTML = html; // drawn by our own server, which escapes what people wrote
    form.addEventListener('submit', (event) => event.preventDefault());
    const dialog = make('dialog', { class: 'dialog preview-dialog', 'aria-label': phrase('preview') }, form,
      make('div', { class: 'buttons' }, make('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, phrase('close'))));
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    initForms(form);
    dialog.showModal();
  } catch (error) {
    toast(error.message, { error: true });
  }
}
