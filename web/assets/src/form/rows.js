// The rows of a list: adding, removing, moving, numbering, undo. A table and a plain list share this.
import { say } from './words.js';

const MAX_UNDO = 30;
let made = 0;

/** A row's id that no other row has: where it stands may change, this never does. */
function freshId() {
  made += 1;
  const random = crypto.getRandomValues(new Uint32Array(1))[0].toString(36);
  return `n${random}${made.toString(36)}`;
}

const inputs = (row) => row.querySelectorAll('input, select, textarea');

/** The part of an input's name behind the row's number. */
const keyOf = (input) => input.name.replace(/^.*?\.(?:\d+|__index__)\./, '');

/** What a row holds, in the order of its inputs. */
function held(row) {
  return [...inputs(row)].filter((input) => input.name).map((input) => ({
    key: keyOf(input),
    value: input.value,
    checked: input.checked,
    invalid: input.getAttribute('aria-invalid'),
  }));
}

/** Put back what a row held; its inputs may have been drawn anew since. */
function restore(row, before) {
  const left = [...before];
  for (const input of inputs(row)) {
    const index = left.findIndex(({ key }) => key === keyOf(input));
    if (!input.name || index < 0) continue;
    const [{ value, checked, invalid }] = left.splice(index, 1);
    if (input.type === 'checkbox' || input.type === 'radio') input.checked = checked;
    else input.value = value;
    if (invalid === null) input.removeAttribute('aria-invalid');
    else input.setAttribute('aria-invalid', invalid);
    input.closest('td')?.classList.toggle('bad', invalid === 'true');
  }
}

export class Rows {
  /** `element` is the field, `body` holds the rows, which match `selector`. */
  constructor(element, body, selector) {
    this.element = element;
    this.body = body;
    this.selector = selector;
    this.name = element.dataset.field;
    this.max = Number(element.dataset.max);
    this.template = element.querySelector(':scope > template[data-row]');
    this.history = [];
  }

  get rows() {
    return [...this.body.querySelectorAll(`:scope > ${this.selector}`)];
  }

  /** The element before which a new last row goes. */
  get foot() {
    return null;
  }

  tell(key, values) {
    const place = this.element.querySelector('[data-say]');
    place.textContent = say(this.element, key, values);
    place.classList.add('f-said');
    clearTimeout(this.silence);
    this.silence = setTimeout(() => place.classList.remove('f-said'), 6000);
  }

  /** Keep the rows and what they hold, so that `undo` can bring them back. */
  remember() {
    this.history.push(this.rows.map((row) => ({ row, before: held(row) })));
    if (this.history.length > MAX_UNDO) this.history.shift();
    this.offerUndo();
  }

  offerUndo() {
    const button = this.element.querySelector('[data-do=undo]');
    if (button) button.disabled = !this.history.length;
  }

  undo() {
    const before = this.history.pop();
    if (!before) return;
    this.rows.forEach((row) => row.remove());
    for (const one of before) {
      this.body.insertBefore(one.row, this.foot);
      restore(one.row, one.before);
    }
    this.offerUndo();
    this.changed();
    this.tell('undone');
  }

  /** A new row, not yet in the page. */
  fresh() {
    const html = this.template.innerHTML.replaceAll('__row__', freshId());
    const holder = document.createElement('template');
    holder.innerHTML = html;
    return holder.content.firstElementChild;
  }

  /** Add a row below `after`, or at the end; returns whether there was room. */
  add(after = null, focus = true) {
    if (!this.template) return false;
    if (this.rows.length >= this.max) {
      this.tell('full', { max: this.max });
      return false;
    }
    this.remember();
    const row = this.fresh();
    this.body.insertBefore(row, after ? after.nextElementSibling : this.foot);
    this.changed();
    if (focus) [...inputs(row)].find((input) => input.type !== 'hidden' && !input.hidden)?.focus();
    this.tell('added', { row: this.rows.indexOf(row) + 1 });
    return true;
  }

  remove(row) {
    if (!row || !this.template) return;
    const rows = this.rows;
    const index = rows.indexOf(row);
    this.remember();
    row.remove();
    this.changed();
    const next = this.rows[Math.min(index, rows.length - 2)];
    ([...(next ? inputs(next) : [])].find((input) => input.type !== 'hidden' && !input.hidden)
      ?? this.element.querySelector('[data-do=add]'))?.focus();
    this.tell('removed', { row: index + 1 });
  }

  /** Move a row up (-1) or down (1); the focus stays where it is. */
  move(row, by, focused = null) {
    if (!row || !this.template) return false;
    const rows = this.rows;
    const other = rows[rows.indexOf(row) + by];
    if (!other) return false;
    this.remember();
    if (by < 0) this.body.insertBefore(row, other);
    else this.body.insertBefore(other, row);
    focused?.focus();
    this.changed();
    this.tell('moved', { row: this.rows.indexOf(row) + 1 });
    return true;
  }

  /** Number the rows anew and tell the page that the list has changed. */
  changed() {
    const rows = this.rows;
    const prefix = `${this.name}.`;
    rows.forEach((row, index) => {
      for (const input of row.querySelectorAll('[name]')) {
        if (input.name.startsWith(prefix)) {
          input.name = input.name.replace(/\.(?:\d+|__index__)\./, `.${index}.`);
        }
      }
      this.number(row, index);
    });
    this.element.querySelectorAll('[data-count]').forEach((place) => {
      place.textContent = say(this.element, 'rows', { count: rows.length });
    });
    const empty = this.element.querySelector(':scope > .f-empty');
    if (empty) empty.hidden = rows.length > 0;
    this.element.dispatchEvent(new CustomEvent('form:changed', { bubbles: true, detail: { name: this.name } }));
  }

  number(row, index) {
    const place = row.querySelector('.no > span');
    if (place) place.textContent = index + 1;
  }
}

class List extends Rows {
  constructor(element) {
    super(element, element.querySelector('.f-items'), '.f-item');
    element.addEventListener('click', ({ target }) => {
      const act = target.closest('[data-do]')?.dataset.do;
      if (act === 'add') this.add();
      else if (act === 'remove') this.remove(target.closest('.f-item'));
      else if (act === 'undo') this.undo();
    });
  }

  number(row, index) {
    row.querySelector('[data-title]').textContent = this.element.dataset.number.replace('__number__', index + 1);
  }
}

/** Bring a list that is not drawn as a table to life. */
export const initList = (element) => new List(element);
