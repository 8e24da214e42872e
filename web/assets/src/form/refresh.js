// Asks the server what follows from a change, and puts the answer in place without touching what is in use.
import { token } from '../lib/net.js';
import { say } from './words.js';

const PAUSE = 30;

export class Refresh {
  constructor(root) {
    this.root = root;
    this.url = root.dataset.refreshUrl;
    this.changed = new Set();
    this.recheck = new Set();
    this.typed = new WeakMap();
    this.count = 0;
    this.busy = false;
    if (!this.url) return;
    root.addEventListener('input', ({ target }) => this.typed.set(target, (this.count += 1)));
    root.addEventListener('change', ({ target }) => this.noticed(target));
    root.addEventListener('form:changed', ({ target, detail }) => {
      if (detail?.name && target.dataset.refresh !== undefined) this.ask(detail.name);
    });
  }

  noticed(target) {
    delete target.dataset.derived;
    if (!target.name) return;
    const bad = target.getAttribute('aria-invalid') === 'true';
    if (bad) this.recheck.add(target.name);
    if (bad || target.dataset.refresh !== undefined) this.ask(target.dataset.refresh === undefined ? null : target.name);
  }

  /** Remember the change; several within a moment go together. */
  ask(name) {
    if (name) this.changed.add(name);
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.send(), PAUSE);
  }

  async send() {
    const form = this.root.closest('form');
    if (this.busy || !form || !(this.changed.size + this.recheck.size)) return;
    this.busy = true;
    const body = new FormData(form);
    // What was derived and not touched since is derived anew.
    this.root.querySelectorAll('[data-derived]').forEach((input) => body.set(input.name, ''));
    for (const [key, value] of [...body]) if (value instanceof File) body.delete(key);
    this.changed.forEach((name) => body.append('_changed', name));
    this.recheck.forEach((name) => body.append('_recheck', name));
    this.changed.clear();
    this.recheck.clear();
    const since = this.count;
    const places = this.numbering();
    try {
      const response = await fetch(this.url, {
        method: 'POST',
        body: new URLSearchParams([...body]),
        credentials: 'same-origin',
        headers: { 'X-CSRFToken': token(), 'X-Requested-With': 'fetch', Accept: 'text/html' },
      });
      if (!response.ok) throw new Error(String(response.status));
      const html = await response.text();
      // Rows that were moved meanwhile have other numbers than the answer: it is asked for again.
      if (places === this.numbering()) this.swap(html, since);
      else this.root.querySelectorAll('[data-table][data-refresh], [data-list][data-refresh]').forEach((list) => this.changed.add(list.dataset.field));
      this.root.classList.remove('f-stale');
    } catch {
      this.root.classList.add('f-stale');
      this.root.dataset.stale = say(this.root, 'refresh_failed');
    } finally {
      this.busy = false;
    }
    if (this.changed.size + this.recheck.size) this.ask(null);
  }

  /** The order of all rows, as one text. */
  numbering() {
    return [...this.root.querySelectorAll('.f-row, .f-item')].map((row) => row.dataset.row).join();
  }

  swap(html, since) {
    const page = new DOMParser().parseFromString(html, 'text/html');
    for (const template of page.querySelectorAll('template[data-swap]')) {
      const id = template.dataset.swap;
      const next = document.importNode(template.content, true).firstElementChild;
      const old = document.getElementById(id);
      if (template.dataset.mode === 'row' && !old) this.addNote(id, next);
      else if (old && next) this.place(old, next, template.dataset.mode, since);
    }
    this.root.dispatchEvent(new CustomEvent('form:changed', { bubbles: true, detail: {} }));
  }

  place(old, next, mode, since) {
    if (mode === 'hidden') old.hidden = next.hidden;
    else if (mode === 'invalid') this.mark(old, next.dataset.invalid === 'true');
    else if (!this.inUse(old, since)) old.replaceWith(next);
    else old.hidden = next.hidden;
  }

  /** Whether somebody is in the element, or typed in it after the request went out. */
  inUse(element, since) {
    const active = document.activeElement;
    if (element.contains(active) && active.matches('input, select, textarea')) return true;
    return [...element.querySelectorAll('input, select, textarea')].some((input) => (this.typed.get(input) ?? 0) > since);
  }

  mark(element, invalid) {
    element.classList.toggle(element.localName === 'td' ? 'bad' : 'f-bad', invalid);
    for (const input of element.querySelectorAll('input, select, textarea')) {
      if (invalid) input.setAttribute('aria-invalid', 'true');
      else if (input.getAttribute('aria-invalid')) input.setAttribute('aria-invalid', 'false');
    }
  }

  addNote(id, next) {
    const row = document.getElementById(id.replace(/\.n$/, ''))?.closest('tbody');
    if (row && next && !next.hidden) row.append(next);
  }
}
