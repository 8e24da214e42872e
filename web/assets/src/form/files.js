// The file picker: files are sent at once, the form keeps their ids.
import { all, make, one } from '../lib/dom.js';
import { token } from '../lib/net.js';
import { say } from './words.js';

async function send(input, file) {
  const body = new FormData();
  body.append('file', file);
  body.append('field', input.dataset.field);
  const response = await fetch(input.dataset.upload, {
    method: 'POST',
    body,
    credentials: 'same-origin',
    headers: { 'X-CSRFToken': token(), 'X-Requested-With': 'fetch', Accept: 'application/json' },
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw new Error(response.status === 401 ? say(input, 'session_ended') : answer.message || '');
}

function listed(input, answer) {
  const name = answer.name;
  const remove = say(input, 'remove_file', { name });
  return make('li', { class: 'f-file', 'data-file': answer.id },
    make('input', { type: 'hidden', name: input.dataset.name, value: answer.id }),
    make('a', { href: answer.href }, name),
    make('button', { type: 'button', class: 'f-x', 'data-do': 'unfile', 'aria-label': remove, title: remove }));
}

/** Send what was chosen; a file that is refused is named with the reason, the others stay. */
async function chosen(input) {
  const field = input.closest('.f-field');
  const state = one('.f-upload-state', field);
  const list = one('.f-files ul', field);
  const problems = [];
  const files = [...input.files];
  input.value = '';
  for (const file of files) {
    state.textContent = say(input, 'uploading', { name: file.name });
    try {
      const answer = await send(input, file);
      if (!input.multiple) all('.f-file', list).forEach((item) => item.remove());
      list.append(listed(input, answer));
      state.textContent = say(input, 'uploaded', { name: answer.name });
    } catch (error) {
      problems.push(error.message || say(input, 'upload_failed', { name: file.name }));
    }
  }
  if (problems.length) state.textContent = problems.join(' ');
  state.classList.toggle('f-error', problems.length > 0);
  field.dispatchEvent(new CustomEvent('form:changed', { bubbles: true, detail: { name: input.dataset.name } }));
}

/** Let the file pickers in `root` work. */
export function initFiles(root) {
  root.addEventListener('change', ({ target }) => {
    if (target.matches?.('input[type=file][data-upload]')) chosen(target);
  });
  root.addEventListener('click', ({ target }) => {
    const button = target.closest('[data-do=unfile]');
    if (!button) return;
    const field = button.closest('.f-field');
    button.closest('.f-file').remove();
    one('input[type=file]', field)?.focus();
    field.dispatchEvent(new CustomEvent('form:changed', { bubbles: true, detail: { name: field.dataset.field } }));
  });
}
