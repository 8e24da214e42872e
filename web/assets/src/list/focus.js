// Keeps the keyboard's place when a list is drawn anew: nobody starts again from the top of the page.
import { one } from '../lib/dom.js';

/** Ways to find again what had the focus, the surest first. */
function traces(element) {
  const found = [];
  const escaped = (text) => CSS.escape(text);
  if (element.id) found.push(`#${escaped(element.id)}`);
  const row = element.closest('tr[data-item]');
  if (row) found.push(`tr[data-item="${escaped(row.dataset.item)}"] [data-open]`);
  if (element.name) found.push(`#list [name="${escaped(element.name)}"]`);
  if (element.getAttribute('href')) found.push(`#list a[href="${escaped(element.getAttribute('href'))}"]`);
  return [...found, '#list', '#main'];
}

export function initFocus() {
  let left = [];
  let cursor = '';
  document.addEventListener('htmx:beforeSwap', ({ detail: { target } }) => {
    left = target.contains(document.activeElement) ? traces(document.activeElement) : [];
    cursor = one('tr.cursor[data-item]', target)?.dataset.item ?? '';
  });
  document.addEventListener('htmx:afterSettle', () => {
    if (cursor) one(`tr[data-item="${CSS.escape(cursor)}"]`)?.classList.add('cursor');
    if (left.length && (document.activeElement === document.body || !document.activeElement)) {
      left.map((trace) => one(trace)).find(Boolean)?.focus({ preventScroll: true });
    }
    left = [];
    cursor = '';
  });
}
