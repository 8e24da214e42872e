// Opinions of a reviewer: typed where they belong, at a field or under a row, and posted with the decision.
import { all, make, one } from '../lib/dom.js';

/** The opinions that are being typed in `root` and say something. */
export const newPins = (root) => all('.f-newpin textarea', root).filter((area) => area.value.trim());

/** The element that takes the opinions on a field, a row of a table or an item of a list. */
function placeOf(button) {
  const row = button.closest('tbody.f-row');
  if (!row) return one(':scope > .f-pins', button.closest('.f-item, .f-field'));
  let note = one('tr.f-note', row);
  if (!note || note.hidden) {
    note?.remove();
    const cells = all(':scope > tr:first-child > *', row).filter((cell) => cell.offsetParent !== null);
    note = make('tr', { class: 'f-note' }, make('td', { colspan: cells.length }));
    row.append(note);
  }
  return one('td', note);
}

/** Let the reader say whether the whole row is meant or one of its columns. */
function offerColumns(editor, button) {
  const table = button.closest('[data-table]');
  if (!table || !button.dataset.pinRow) return;
  const { list, columns } = JSON.parse(table.dataset.table);
  const field = one('[name="pin.field"]', editor);
  const select = one('select', editor);
  const shown = columns.filter(({ key }) => document.getElementById(`${table.id}.${key}`)?.offsetParent);
  select.append(make('option', { value: list }, select.dataset.whole), ...shown.map(({ key, label }) => make('option', { value: `${list}.${key}` }, label)));
  select.hidden = false;
  select.addEventListener('change', () => { field.value = select.value; });
}

const changed = (element) => element.dispatchEvent(new CustomEvent('form:changed', { bubbles: true, detail: {} }));

function add(root, button) {
  const editor = one('template[data-new-pin]', root).content.firstElementChild.cloneNode(true);
  one('[name="pin.field"]', editor).value = button.dataset.pinField;
  one('[name="pin.row"]', editor).value = button.dataset.pinRow;
  offerColumns(editor, button);
  placeOf(button).append(editor);
  one('textarea', editor).focus();
}

function drop(editor) {
  const note = editor.closest('tr.f-note');
  const home = editor.closest('tbody.f-row, .f-item, .f-field');
  editor.remove();
  if (note && !one('.f-newpin, .f-opinion, .f-msg', note)) note.remove();
  one('.f-pin', home)?.focus();
  changed(home);
}

/** Let the pin buttons of a form work. */
export function initPins(root) {
  root.addEventListener('click', ({ target }) => {
    const button = target.closest('.f-pin');
    if (button) add(root, button);
    else if (target.closest('[data-do=unpin]')) drop(target.closest('.f-newpin'));
  });
}
