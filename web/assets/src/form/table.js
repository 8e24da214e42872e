// A list of the form as a table: keyboard, adding, removing and moving rows, undo, paste.

import { gridOfHtml, gridOfText } from './clipboard.js';
import { plainNumber, money } from './numbers.js';
import { complain } from './limits.js';
import { combined, splitTarget } from './paste.js';
import { previewPaste } from './preview.js';
import { Rows } from './rows.js';
import { say } from './words.js';

const MAX_PASTE = 2_000_000;
const CONTROLS = 'input:not([type=hidden]), select, textarea, summary';

const visible = (element) => element && !element.hidden && element.offsetParent !== null;
const control = (cell) => [...(cell?.querySelectorAll(CONTROLS) ?? [])].find(visible);

class Table extends Rows {
  constructor(element) {
    super(element, element.querySelector('table'), 'tbody.f-row');
    this.settings = JSON.parse(element.dataset.table);
    this.max = this.settings.max;
    this.columns = this.settings.columns;
    this.current = null;
    element.addEventListener('keydown', (event) => this.key(event));
    element.addEventListener('paste', (event) => this.paste(event));
    element.addEventListener('focusin', ({ target }) => { this.current = target.closest('tbody.f-row') ?? this.current; });
    element.addEventListener('click', ({ target }) => this.act(target.closest('[data-do]')?.dataset.do, target));
    if (element.querySelector('td.more.bad, td.more.warn, td.more.chg, td.more.pinned')) this.more();
  }

  get foot() {
    return this.body.querySelector('tfoot, .f-removed');
  }

  /** The cell of a column in a row. */
  cell(row, key) {
    return row.querySelector(`td[id$=".${CSS.escape(row.dataset.row)}.${CSS.escape(key)}"]`);
  }

  /** What a cell holds: text, or null where it takes no input. */
  get(row, key) {
    const input = control(this.cell(row, key));
    if (!input || input.localName === 'summary') return null;
    if (input.type === 'checkbox') return input.checked ? 'true' : '';
    return input.value;
  }

  /** Put a value into a cell, as if it were typed there but without telling the page yet. */
  set(row, key, value) {
    const cell = this.cell(row, key);
    const input = [...(cell?.querySelectorAll(CONTROLS) ?? [])].find((one) => one.localName !== 'summary');
    if (!input) return;
    if (input.type === 'checkbox') input.checked = value === 'true';
    else if (input.dataset.money !== undefined && plainNumber(value) !== null) input.value = money(plainNumber(value));
    else input.value = value;
    delete input.dataset.derived;
  }

  act(name, target) {
    if (name === 'more') this.more(target.closest('button'));
    else if (name === 'undo') this.undo();
    else if (name === 'add') this.add();
    else if (name === 'insert') this.add(this.current);
    else if (name === 'remove') this.remove(target.closest('tbody.f-row'));
    else if (name === 'up') this.move(this.current, -1);
    else if (name === 'down') this.move(this.current, 1);
  }

  more(button = this.element.querySelector('[data-do=more]')) {
    const shown = this.element.classList.toggle('f-all');
    button?.setAttribute('aria-pressed', String(shown));
  }

  /** Move the focus to the same column `by` rows away; past the last row a new one begins. */
  down(cell, by) {
    const rows = this.rows;
    const index = rows.indexOf(cell.closest('tbody')) + by;
    if (index < 0) return false;
    if (index >= rows.length && !this.add(null, false)) return false;
    const row = this.rows[index];
    this.focus(row.rows[0].cells[cell.cellIndex]);
    return true;
  }

  focus(cell) {
    const input = control(cell);
    if (!input) return false;
    input.focus();
    if (input.select && input.type !== 'date') input.select();
    return true;
  }

  /** Move the focus to the next cell in the row that takes input. */
  aside(cell, by) {
    let next = cell;
    do next = by > 0 ? next.nextElementSibling : next.previousElementSibling;
    while (next && !control(next));
    return next ? this.focus(next) : false;
  }

  key(event) {
    const cell = event.target.closest('tbody.f-row td');
    if (!cell || event.isComposing || event.keyCode === 229) return;
    const { target, key } = event;
    const text = target.localName === 'input' && !['date', 'time', 'datetime-local', 'checkbox'].includes(target.type);
    let done = false;
    if (key === 'Enter' && (event.ctrlKey || event.metaKey)) done = this.add(cell.closest('tbody'));
    else if (event.altKey && (key === 'ArrowUp' || key === 'ArrowDown')) done = this.move(cell.closest('tbody'), key === 'ArrowUp' ? -1 : 1, target);
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (key === 'Enter' && !['textarea', 'summary', 'button'].includes(target.localName)) {
      this.down(cell, event.shiftKey ? -1 : 1);
      done = true;
    } else if (text && !event.shiftKey && (key === 'ArrowUp' || key === 'ArrowDown')) {
      const index = this.rows.indexOf(cell.closest('tbody'));
      done = (key === 'ArrowUp' ? index > 0 : index < this.rows.length - 1) && this.down(cell, key === 'ArrowUp' ? -1 : 1);
    } else if (text && key === 'ArrowLeft' && target.selectionStart === 0 && target.selectionEnd === 0) done = this.aside(cell, -1);
    else if (text && key === 'ArrowRight' && target.selectionStart === target.value.length) done = this.aside(cell, 1);
    if (done) event.preventDefault();
  }

  async paste(event) {
    if (!this.template) return;
    const text = event.clipboardData.getData('text/plain');
    const html = event.clipboardData.getData('text/html');
    const cell = event.target.closest('tbody.f-row td');
    if (cell && !/[\t\n]/.test(text.trim()) && !/<td\b[\s\S]*<td\b/i.test(html)) {
      this.pasteOne(event, cell, text.trim());
      return;
    }
    if (!cell && event.target.matches('input, textarea')) return;
    event.preventDefault();
    if (Math.max(text.length, html.length) > MAX_PASTE) {
      complain(this.element, say(this.element, 'paste_too_large'));
      return;
    }
    const grid = (html && gridOfHtml(html)) || (text.trim() ? gridOfText(text) : null);
    if (!grid?.length || !grid[0].length) {
      this.tell('paste_nothing');
      return;
    }
    const key = cell ? this.keyOf(cell) : this.columns[0].key;
    const start = Math.max(0, this.columns.findIndex((column) => column.key === key));
    const from = cell ? this.rows.indexOf(cell.closest('tbody')) : this.rows.length;
    const chosen = await previewPaste(this, grid, start, from);
    if (chosen) this.apply(chosen);
    cell?.isConnected && this.focus(cell);
  }

  keyOf(cell) {
    const row = cell.closest('tbody').dataset.row;
    return cell.id.slice(cell.id.indexOf(`.${row}.`) + row.length + 2);
  }

  /** One text pasted into the value's cell is split when it says operator or unit as well. */
  pasteOne(event, cell, text) {
    const column = this.columns.find((one) => one.key === this.keyOf(cell));
    const others = ['operator', 'unit'].map((kind) => this.columns.find((one) => one.paste === kind));
    if (column?.paste !== 'value' || !others[0] || !combined(text)) return;
    const { operator, value, unit } = splitTarget(text);
    const row = cell.closest('tbody');
    event.preventDefault();
    this.remember();
    this.set(row, column.key, value);
    const option = others[0].options.find((one) => one[0] === operator);
    if (option) this.set(row, others[0].key, option[0]);
    if (unit && others[1]) this.set(row, others[1].key, unit);
    this.changed();
    this.tell('split', { text });
  }

  /** Carry out a paste that was looked at; what could not be understood is marked until it is corrected. */
  apply({ rows, problems, mode, from }) {
    this.remember();
    if (mode === 'replace') this.rows.forEach((row) => row.remove());
    let index = mode === 'over' ? from : this.rows.length;
    const made = document.createDocumentFragment();
    const targets = rows.map(() => {
      const old = this.rows[index];
      index += 1;
      if (old) return old;
      const row = this.fresh();
      made.append(row);
      return row;
    });
    this.body.insertBefore(made, this.foot);
    rows.forEach((values, number) => {
      for (const [key, value] of Object.entries(values)) this.set(targets[number], key, value);
    });
    for (const { row, key } of problems.filter((one) => one.row < rows.length)) {
      const cell = this.cell(targets[row], key);
      cell?.classList.add('bad');
      control(cell)?.setAttribute('aria-invalid', 'true');
    }
    this.changed();
    this.tell('paste_done', { rows: rows.length });
  }
}

/** Bring a table of the form to life. */
export const initTable = (element) => new Table(element);

