// Comments: after an @ the names of those who may see the case, chosen by keyboard or mouse; sent by Ctrl+Enter.
import { ask } from '../lib/dialog.js';
import { all, make, one } from '../lib/dom.js';
import { get } from '../lib/net.js';
import { say } from '../lib/strings.js';

const PAUSE = 150;
/** What was typed of a name, from the last @ up to the caret. */
const TYPED = /@([^\s@]{0,20})$/;

class Mentions {
  constructor(field) {
    this.field = field;
    this.form = field.form;
    this.asked = 0;
    this.options = [];
    this.at = -1;
    this.list = make('ul', { class: 'picker-list', id: `${field.id}-people`, role: 'listbox', hidden: true, 'aria-label': say('mention_list') });
    this.status = make('span', { class: 'visually-hidden', role: 'status' });
    field.after(this.list, this.status);
    for (const [name, value] of [['role', 'combobox'], ['aria-autocomplete', 'list'], ['aria-controls', this.list.id], ['aria-expanded', 'false']]) {
      field.setAttribute(name, value);
    }
    field.addEventListener('input', (event) => { if (!event.isComposing) this.later(); });
    field.addEventListener('compositionend', () => this.later());
    field.addEventListener('keydown', (event) => this.key(event));
    field.addEventListener('blur', () => this.close());
    this.list.addEventListener('mousedown', (event) => event.preventDefault());
    this.list.addEventListener('click', (event) => {
      const row = event.target.closest('[role="option"]');
      if (row) this.choose(Number(row.dataset.index));
    });
  }

  /** The part of a name before the caret, or null where no @ began one. */
  typed() {
    return TYPED.exec(this.field.value.slice(0, this.field.selectionStart))?.[1] ?? null;
  }

  later() {
    clearTimeout(this.soon);
    if (this.typed() === null) this.close();
    else this.soon = setTimeout(() => this.search(), PAUSE);
  }

  async search() {
    const text = this.typed();
    if (text === null) return;
    const number = this.asked += 1;
    const address = new URL(this.field.dataset.mentions, location.href);
    if (text) address.searchParams.set('q', text);
    const found = await get(address).catch(() => ({ groups: [] }));
    if (number !== this.asked || this.typed() === null) return;
    this.options = found.groups.flatMap((group) => group.options);
    this.list.replaceChildren(...this.options.map((option, index) => make('li',
      { role: 'option', id: `${this.list.id}-${index}`, 'data-index': index, 'aria-selected': 'false', lang: 'zh' },
      make('b', {}, option.name), ' ', make('small', {}, option.note))));
    this.list.hidden = !this.options.length;
    this.field.setAttribute('aria-expanded', String(!this.list.hidden));
    this.status.textContent = this.options.length ? say('mention_found', { count: this.options.length }) : say('mention_none');
    this.mark(this.options.length ? 0 : -1);
  }

  mark(at) {
    this.at = at;
    all('[role="option"]', this.list).forEach((row, index) => {
      row.setAttribute('aria-selected', String(index === at));
      if (index === at) row.scrollIntoView({ block: 'nearest' });
    });
    if (at < 0) this.field.removeAttribute('aria-activedescendant');
    else this.field.setAttribute('aria-activedescendant', `${this.list.id}-${at}`);
  }

  close() {
    clearTimeout(this.soon);
    this.asked += 1;
    this.list.hidden = true;
    this.field.setAttribute('aria-expanded', 'false');
    this.mark(-1);
  }

  choose(index) {
    const option = this.options[index];
    const { field } = this;
    const caret = field.selectionStart;
    const before = field.value.slice(0, caret).replace(TYPED, `@${option.name} `);
    field.value = before + field.value.slice(caret);
    field.setSelectionRange(before.length, before.length);
    const known = all('input[name="mention"]', this.form).some((input) => input.value === option.value);
    if (!known) this.form.append(make('input', { type: 'hidden', name: 'mention', value: option.value }));
    this.close();
    field.focus();
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.form.requestSubmit();
      return;
    }
    if (this.list.hidden) return;
    const { length } = this.options;
    if (event.key === 'ArrowDown') this.mark((this.at + 1) % length);
    else if (event.key === 'ArrowUp') this.mark((this.at + length - 1) % length);
    else if (event.key === 'Enter' || event.key === 'Tab') this.choose(this.at);
    else if (event.key === 'Escape') this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** Bring the thread `root` to life; the field is cleared by the thread that the server sends after a comment. */
export function initComments(root) {
  if (root.dataset.live !== undefined) return;
  root.dataset.live = '';
  const field = one('[data-mentions]', root);
  if (field) new Mentions(field);
  root.addEventListener('htmx:confirm', async (event) => {
    const { question, issueRequest, elt } = event.detail;
    if (!question) return;
    event.preventDefault();
    const yes = one('button', elt).textContent.trim();
    if (await ask({ title: yes, body: [make('p', {}, question)], yes, danger: true })) issueRequest(true);
  });
}
