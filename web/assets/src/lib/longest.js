// A paste that is longer than its box: nothing of it is cut silently; the box keeps it all and says how much is too much.
// The boxes of the business forms have their own watch, in form/limits.js.
import { make, on } from './dom.js';
import { say } from './strings.js';

const LIMITED = 'input[maxlength], textarea[maxlength]';

function watch(event, data) {
  const input = event.target;
  if (event.defaultPrevented || !input.matches?.(LIMITED) || input.closest('.f-form')) return;
  const chosen = (input.selectionEnd ?? 0) - (input.selectionStart ?? 0);
  const length = input.value.length - chosen + (data?.getData('text/plain') ?? '').length;
  if (length <= input.maxLength) return;
  input.dataset.longest = input.maxLength;
  input.removeAttribute('maxlength'); // with it the browser cuts
}

function tell(input) {
  const most = Number(input.dataset.longest);
  const over = input.value.length - most;
  const text = over > 0 ? say('too_long', { most: most.toLocaleString('en'), over: over.toLocaleString('en') }) : '';
  input.setCustomValidity(text);
  const known = input.nextElementSibling?.matches('[data-too-long]') ? input.nextElementSibling : null;
  if (!text) {
    known?.remove();
    return;
  }
  const note = known ?? make('p', { class: 'field-error', role: 'alert', 'data-too-long': true });
  note.textContent = text;
  if (!known) input.after(note);
}

export function initLongest() {
  document.addEventListener('paste', (event) => watch(event, event.clipboardData));
  document.addEventListener('drop', (event) => watch(event, event.dataTransfer));
  on('input', '[data-longest]', (event, input) => tell(input));
}
