// Shows what a paste would do before anything changes.
import { make } from '../lib/dom.js';
import { plan } from './paste.js';
import { say } from './words.js';

const SHOWN = 50;
let count = 0;

const labelOf = (column, value) => column.options.find((option) => option[0] === value)?.[1] ?? value;

/**
 * Ask how a pasted grid goes into the table; resolves to `{ rows, problems, mode, from }` or null.
 *
 * `start` is the column and `from` the row (from 0) where somebody pasted.
 */
export function previewPaste(table, grid, start, from) {
  const words = (key, values) => say(table.element, key, values);
  const first = plan(grid, table.columns, { start });
  if (!first.rows.length || !first.keys.length) {
    table.tell('paste_nothing');
    return Promise.resolve(null);
  }
  count += 1;
  const id = `paste-${count}`;
  const state = { yuan: first.yuan === 'header' || first.yuan === 'unit', mode: from < table.rows.length ? 'over' : 'append' };
  const summary = make('div', { class: 'f-paste-summary' });
  const shown = make('div', { class: 'f-scroll', tabindex: '0' });
  const places = make('fieldset', { class: 'f-paste-where' });
  const yes = make('button', { class: 'f-btn f-primary', value: 'yes' }, words('paste_yes'));
  let result = first;

  const room = (mode = state.mode) => {
    const kept = { over: from, append: table.rows.length, replace: 0 }[mode];
    return Math.max(0, table.max - kept);
  };
  const fitting = (mode) => Math.min(result.rows.length, room(mode));

  function draw() {
    result = plan(grid, table.columns, { start, yuan: state.yuan });
    const old = table.rows.length;
    const over = Math.max(0, Math.min(fitting('over'), old - from));
    const lines = [words('paste_found', { rows: result.rows.length, columns: result.keys.length })];
    if (result.headed) lines.push(words('paste_headed'));
    if (result.skipped) lines.push(words('paste_skipped', { count: result.skipped }));
    summary.replaceChildren(make('p', {}, lines.join(words('stop'))));
    if (result.unmapped.length) summary.append(make('p', { class: 'f-msg f-warning' }, words('paste_unmapped', { names: result.unmapped.join(words('comma')) })));
    if (result.problems.length) summary.append(make('p', { class: 'f-msg f-error' }, words('paste_problems', { count: result.problems.length })));
    if (result.rows.length > room()) summary.append(make('p', { class: 'f-msg f-error' }, words('paste_too_many', { max: table.max, count: result.rows.length - room() })));
    if (result.yuan) {
      const box = make('input', { type: 'checkbox', checked: state.yuan, onchange: ({ target }) => { state.yuan = target.checked; draw(); } });
      summary.append(make('label', { class: 'f-check' }, box, ` ${words(`paste_yuan_${result.yuan}`)}`));
    }
    const choices = [
      ...(from < old ? [['over', words(over < fitting('over') ? 'paste_over' : 'paste_over_only', { row: from + 1, over, more: fitting('over') - over })]] : []),
      ['append', words('paste_append', { more: fitting('append') })],
      ...(old ? [['replace', words('paste_replace', { old })]] : []),
    ];
    places.replaceChildren(make('legend', {}, words('paste_where')), ...choices.map(([mode, text]) => make('label', {},
      make('input', { type: 'radio', name: `${id}-where`, value: mode, checked: state.mode === mode, onchange: () => { state.mode = mode; draw(); } }), ` ${text}`)));
    shown.replaceChildren(drawRows());
  }

  function drawRows() {
    const columns = table.columns.filter((column) => result.keys.includes(column.key));
    const bad = new Set(result.problems.map(({ row, key }) => `${row}.${key}`));
    const base = { over: from, append: table.rows.length, replace: 0 }[state.mode];
    const body = result.rows.slice(0, SHOWN).map((values, index) => {
      const target = state.mode === 'over' ? table.rows[from + index] : null;
      return make('tr', { class: target ? 'chg' : '' }, make('th', { scope: 'row', class: 'no' }, String(base + index + 1)),
        ...columns.map((column) => {
          const value = values[column.key] ?? '';
          const problem = result.problems.find((one) => one.row === index && one.key === column.key);
          const was = target ? table.get(target, column.key) : null;
          const text = labelOf(column, value) || (problem ? problem.text : '');
          return make('td', { class: bad.has(`${index}.${column.key}`) ? 'bad' : '' }, text,
            ...(was && was !== value ? [make('del', {}, words('paste_old', { old: labelOf(column, was) }))] : []));
        }));
    });
    const more = result.rows.length - body.length;
    return make('div', {}, make('table', { class: 'f-grid' },
      make('thead', {}, make('tr', {}, make('th', { scope: 'col', class: 'no' }, words('number')), ...columns.map((column) => make('th', { scope: 'col' }, column.label)))),
      make('tbody', {}, ...body)), ...(more > 0 ? [make('p', { class: 'f-hint' }, words('paste_more', { count: more }))] : []));
  }

  draw();
  return new Promise((resolve) => {
    const dialog = make('dialog', { class: 'f-dialog', 'aria-labelledby': id, lang: table.element.closest('[lang]').lang });
    const form = make('form', { method: 'dialog' }, make('h2', { id }, words('paste_title')), summary, shown, places,
      make('div', { class: 'f-bar' }, make('button', { type: 'button', class: 'f-btn', onclick: () => dialog.close() }, words('cancel')), yes));
    dialog.append(form);
    dialog.addEventListener('close', () => {
      const agreed = dialog.returnValue === 'yes';
      dialog.remove();
      const { rows, problems } = result;
      resolve(agreed ? { rows: rows.slice(0, room()), problems, mode: state.mode, from } : null);
    });
    document.body.append(dialog);
    dialog.showModal();
    yes.focus();
  });
}
