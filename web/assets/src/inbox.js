// The list: a cursor that moves by keyboard, and the task that opens beside it on a wide screen.
import htmx from 'htmx.org';
import { all, on, one } from './lib/dom.js';
import { bind } from './keyboard.js';
import { say } from './lib/strings.js';
import { style } from './lib/style.js';
import { toast } from './lib/toast.js';

const wide = window.matchMedia('(min-width: 1101px)');
// Tables of forms have rows of their own; the list's are table rows.
const rows = () => all('tr[data-row]');
const list = () => one('#list');
const drawer = () => one('#drawer');

function mark(row) {
  rows().forEach((other) => other.classList.toggle('cursor', other === row));
  row.scrollIntoView({ block: 'nearest' });
}

function move(step) {
  const found = rows();
  if (!found.length) return false;
  const at = found.findIndex((row) => row.classList.contains('cursor'));
  const start = at >= 0 ? at : found.findIndex((row) => row.classList.contains('current'));
  const to = start < 0 ? (step > 0 ? 0 : found.length - 1) : start + step;
  if (to < 0 || to >= found.length) toast(say('end_of_list'));
  else mark(found[to]);
  return true;
}

function address(open) {
  const url = new URL(location.href);
  if (open) url.searchParams.set('open', open);
  else url.searchParams.delete('open');
  return url.pathname + url.search;
}

/** The item after `item` in the list as it is shown, or an empty string. */
export function following(item) {
  const found = rows();
  const at = found.findIndex((row) => row.dataset.item === item);
  return (found[at + 1] ?? found[at - 1])?.dataset.item ?? '';
}

async function openBeside(row) {
  const link = one('[data-open]', row);
  drawer().dispatchEvent(new CustomEvent('task:leave', { bubbles: true }));
  const query = new URLSearchParams({ _beside: '1', _list: list().dataset.list });
  await style(document.body.dataset.taskStyle);
  await htmx.ajax('GET', `${link.getAttribute('href')}?${query}`, { target: '#drawer', swap: 'innerHTML' });
  if (!one('#task', drawer())) return;
  drawer().hidden = false;
  document.body.classList.add('with-drawer');
  rows().forEach((other) => other.classList.toggle('current', other === row));
  mark(row);
  history.replaceState(history.state, '', address(row.dataset.item));
  drawer().focus({ preventScroll: true });
}

function open(row) {
  if (row.dataset.item && wide.matches) openBeside(row);
  else location.assign(one('[data-open]', row).href);
}

/** Close the task beside the list; what was typed in it has been handed to the draft by then. */
function close() {
  if (!drawer() || drawer().hidden) return false;
  drawer().dispatchEvent(new CustomEvent('task:leave', { bubbles: true }));
  drawer().hidden = true;
  drawer().replaceChildren();
  document.body.classList.remove('with-drawer');
  const row = one('tr[data-row].current');
  row?.classList.remove('current');
  if (row) one('[data-open]', row).focus();
  history.replaceState(history.state, '', address(null));
  return true;
}

export function initInbox() {
  on('click', 'tr[data-row]', (event, row) => {
    if (event.target.closest('.column-pick')) return;
    const link = event.target.closest('a');
    if (link && (!link.matches('[data-open]') || event.ctrlKey || event.metaKey || event.shiftKey)) return;
    event.preventDefault();
    open(row);
  });
  on('click', '[data-close-drawer]', close);
  on('change', '.filters select', (event, select) => select.form.requestSubmit());
  bind('j', () => move(1));
  bind('k', () => move(-1));
  const act = (event) => {
    const row = one('tr[data-row].cursor');
    if (!row || (event.key === 'Enter' && event.target.closest('a, button, summary'))) return false;
    open(row);
    return true;
  };
  bind('o', act);
  bind('Enter', act);
  bind('Escape', close);
  bind('/', () => one('[data-search]')?.select() ?? one('[data-search]')?.focus());
  bind('?', () => one('#help')?.showModal());
}
