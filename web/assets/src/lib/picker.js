// Choosing people: a list of the page becomes a field that searches the server while somebody types.
import { all, make, one } from './dom.js';
import { get } from './net.js';
import { say } from './strings.js';

const PAUSE = 180;
const REMEMBERED = 8;
const key = () => `bihuan:recent:${document.body.dataset.person}`;

function recent() {
  try {
    return JSON.parse(localStorage.getItem(key())) || [];
  } catch {
    return [];
  }
}

function remember(value) {
  if (!value.startsWith('user:')) return;
  localStorage.setItem(key(), JSON.stringify([value, ...recent().filter((each) => each !== value)].slice(0, REMEMBERED)));
}

class Picker {
  constructor(root) {
    this.root = root;
    this.select = one('select', root);
    this.multiple = this.select.multiple;
    this.asked = 0;
    this.options = [];
    this.at = -1;
    this.build();
  }

  /** Put the field in front of the list, which stays in the form and holds what is chosen. */
  build() {
    const { select, root } = this;
    const { id } = select;
    const chosen = [...select.options].filter((option) => option.selected && option.value);
    const required = select.required;
    const focused = document.activeElement === select;
    select.removeAttribute('required');
    select.id = `${id}-chosen`;
    select.hidden = true;
    this.list = make('ul', { class: 'picker-list', id: `${id}-list`, role: 'listbox', hidden: true, 'aria-label': one('label', root).textContent.trim() });
    this.input = make('input', {
      class: 'input', id, type: 'text', role: 'combobox', autocomplete: 'off', spellcheck: 'false', maxlength: '60', lang: 'zh',
      'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': `${id}-list`, placeholder: say('picker_hint'),
      'aria-required': required ? 'true' : null, 'aria-describedby': select.getAttribute('aria-describedby'),
    });
    this.status = make('span', { class: 'visually-hidden', role: 'status' });
    this.chips = make('ul', { class: 'picker-chips', 'aria-label': say('picker_chosen') });
    if (this.multiple) root.append(this.chips);
    root.append(make('div', { class: 'picker-field' }, this.input, this.list), this.status);
    select.replaceChildren();
    chosen.forEach((option) => this.add({ value: option.value, name: option.dataset.name, note: option.dataset.note }));
    this.required = required;
    this.validate();
    this.listen();
    if (focused) this.input.focus();
  }

  listen() {
    const { input, list } = this;
    input.addEventListener('input', (event) => { if (!event.isComposing) this.typed(); });
    input.addEventListener('compositionend', () => this.typed());
    input.addEventListener('click', () => { if (list.hidden) this.search(); });
    input.addEventListener('blur', () => this.leave());
    input.addEventListener('keydown', (event) => this.key(event));
    list.addEventListener('mousedown', (event) => event.preventDefault()); // the field keeps the focus
    list.addEventListener('click', (event) => {
      const row = event.target.closest('[role="option"]');
      if (row) this.choose(Number(row.dataset.index));
    });
  }

  /** Whether the field shows the one who is chosen. */
  settled() {
    return !this.multiple && this.select.value !== '' && this.input.value === this.shown;
  }

  typed() {
    if (!this.multiple && this.select.value) this.remove(this.select.value);
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.search(), PAUSE);
  }

  async search() {
    const number = this.asked += 1;
    const text = this.settled() ? '' : this.input.value.trim();
    const address = new URL(this.root.dataset.source, location.href);
    if (text) address.searchParams.set('q', text);
    else address.searchParams.set('recent', recent().join(','));
    let groups;
    try {
      ({ groups } = await get(address));
    } catch (error) {
      if (number === this.asked) this.tell(error.message);
      return;
    }
    if (number !== this.asked || document.activeElement !== this.input) return;
    this.draw(groups);
  }

  draw(groups) {
    const taken = new Set([...this.select.options].map((option) => option.value));
    this.options = [];
    const rows = [];
    for (const group of groups) {
      const left = group.options.filter((option) => !this.multiple || !taken.has(option.value));
      if (left.length) rows.push(make('li', { class: 'picker-group', role: 'presentation' }, group.label));
      for (const option of left) {
        const index = this.options.push(option) - 1;
        rows.push(make('li', { role: 'option', id: `${this.input.id}-${index}`, 'data-index': index, 'aria-selected': 'false', lang: 'zh' },
          make('b', {}, option.name), ' ', make('small', {}, option.note)));
      }
    }
    if (!this.options.length) rows.push(make('li', { class: 'picker-none', role: 'presentation' }, say('picker_none')));
    this.list.replaceChildren(...rows);
    this.open(true);
    this.mark(this.options.length && this.input.value.trim() && !this.settled() ? 0 : -1);
    this.status.textContent = this.options.length ? say('picker_found', { count: this.options.length }) : say('picker_none');
  }

  tell(text) {
    this.list.replaceChildren(make('li', { class: 'picker-none', role: 'presentation' }, text));
    this.open(true);
    this.status.textContent = text;
  }

  open(yes) {
    this.list.hidden = !yes;
    this.input.setAttribute('aria-expanded', String(yes));
    if (!yes) this.mark(-1);
  }

  mark(at) {
    this.at = at;
    all('[role="option"]', this.list).forEach((row, index) => {
      row.setAttribute('aria-selected', String(index === at));
      if (index === at) row.scrollIntoView({ block: 'nearest' });
    });
    if (at < 0) this.input.removeAttribute('aria-activedescendant');
    else this.input.setAttribute('aria-activedescendant', `${this.input.id}-${at}`);
  }

  key(event) {
    if (event.isComposing) return;
    const { length } = this.options;
    const opened = !this.list.hidden;
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp':
        event.preventDefault();
        if (!opened) this.search();
        else if (length) this.mark((this.at + (event.key === 'ArrowDown' ? 1 : this.at < 0 ? 0 : -1) + length) % length);
        break;
      case 'Enter':
        if (!opened) break;
        event.preventDefault();
        if (this.at >= 0) this.choose(this.at);
        break;
      case 'Escape':
        if (!opened) break;
        event.preventDefault(); // the dialog around it stays open
        event.stopPropagation();
        this.open(false);
        break;
      case 'Backspace':
        if (this.multiple && !this.input.value && this.select.options.length) {
          this.remove(this.select.options[this.select.options.length - 1].value);
        }
        break;
      default:
    }
  }

  choose(index) {
    const option = this.options[index];
    if (!this.multiple) [...this.select.options].forEach((each) => each.remove());
    this.add(option);
    remember(option.value);
    this.asked += 1;
    this.open(false);
    this.changed();
  }

  add(option) {
    const label = option.note ? `${option.name}（${option.note}）` : option.name;
    const entry = make('option', { value: option.value, selected: true }, label);
    entry.selected = true;
    this.select.append(entry);
    if (this.multiple) {
      this.input.value = '';
      const drop = make('button', { type: 'button', 'aria-label': say('picker_drop', { name: option.name }) }, '×');
      drop.addEventListener('click', () => { this.remove(option.value); this.input.focus(); });
      this.chips.append(make('li', { 'data-value': option.value, lang: 'zh' }, label, drop));
    } else {
      this.shown = label;
      this.input.value = label;
    }
  }

  remove(value) {
    [...this.select.options].filter((option) => option.value === value).forEach((option) => option.remove());
    all('li', this.chips).filter((chip) => chip.dataset.value === value).forEach((chip) => chip.remove());
    this.changed();
  }

  changed() {
    this.validate();
    this.select.dispatchEvent(new Event('change', { bubbles: true }));
  }

  /** Text that is nobody is no choice: the form says so at the field. */
  validate() {
    const nobody = !this.select.options.length;
    const problem = nobody && (this.required || this.input.value.trim()) ? say('picker_needed') : '';
    this.input.setCustomValidity(problem);
  }

  leave() {
    clearTimeout(this.soon);
    this.asked += 1;
    this.open(false);
    this.validate();
  }
}

/** Turn the people lists inside `root` into search fields, each once. */
export function initPickers(root) {
  all('[data-picker]', root).forEach((element) => {
    if (element.dataset.live !== undefined) return;
    element.dataset.live = '';
    new Picker(element);
  });
}
