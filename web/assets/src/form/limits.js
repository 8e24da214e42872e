// A paste that is longer than its field can hold is refused whole, with a sentence at the field, and never cut silently.
import { make, one } from '../lib/dom.js';
import { say } from './words.js';

/** Say at the field around `element` why nothing was done; the sentence goes with the next change there. */
export function complain(element, text) {
  const field = element.closest('.f-field');
  const place = field && one(':scope > .f-msgs', field);
  if (!place) return;
  one(':scope > .f-refused', place)?.remove();
  const note = make('p', { class: 'f-msg f-error f-refused', role: 'alert' }, text);
  place.append(note);
  field.addEventListener('input', () => note.remove(), { once: true });
}

/** Refuse `text` for `input` where it does not fit; returns whether it was refused. */
function refused(input, text) {
  const room = input.maxLength;
  const chosen = (input.selectionEnd ?? 0) - (input.selectionStart ?? 0);
  if (room < 0 || input.value.length - chosen + text.length <= room) return false;
  const most = (Number(input.dataset.max) || room).toLocaleString('en');
  complain(input, say(input, 'too_long', { length: text.length.toLocaleString('en'), max: most }));
  return true;
}

/** Watch what is pasted and dropped into the inputs of `root`. */
export function initLimits(root) {
  const watch = (event, data) => {
    const input = event.target;
    if (event.defaultPrevented || !input.matches?.('input[maxlength], textarea[maxlength]')) return;
    if (refused(input, data?.getData('text/plain') ?? '')) event.preventDefault();
  };
  root.addEventListener('paste', (event) => watch(event, event.clipboardData));
  root.addEventListener('drop', (event) => watch(event, event.dataTransfer));
}
