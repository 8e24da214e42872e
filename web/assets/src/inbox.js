// The list: a cursor that moves by keyboard, and the task that opens beside it on a wide screen.
import htmx from 'htmx.org';
import { all, on, one } from './lib/dom.js';
import { bind, bindAfter } from './keyboard.js';
import { say } from './lib/strings.js';
import { style } from './lib/style.js';
import { toast } from './lib/toast.js';
import { ask } from './lib/dialog.js';
import { initFocus } from './list/focus.js';
import { initRefresh } from './list/refresh.js';

const wide = window.matchMedia('(min-width: 1101px)');
// Tables of forms have rows of their own; a list's are table rows, the workbench's are items.
const ROW = 'tr[data-row], li[data-row]';
const rows = () => all(ROW);
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
  (one('[data-scroll]', drawer()) ?? drawer()).focus({ preventScroll: true });
}

/** The address of a row's page that knows which list it was opened from. */
function withList(row) {
  const url = new URL(one('[data-open]', row).href);
  if (row.dataset.item && list().dataset.list) url.searchParams.set('_list', list().dataset.list);
  return url.href;
}

function open(row) {
  if (row.dataset.item && wide.matches) openBeside(row);
  else location.assign(withList(row));
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

/** Ask the question of a form that has one before it is sent. */
async function confirmed(event) {
  const form = event.target;
  if (!form.dataset.question) return;
  event.preventDefault();
  if (await ask({ title: form.dataset.question, danger: true })) form.submit();
}

export function initInbox() {
  on('click', ROW, (event, row) => {
    if (event.target.closest('.column-pick, input, button, label')) return;
    const link = event.target.closest('a');
    if (link && (!link.matches('[data-open]') || event.ctrlKey || event.metaKey || event.shiftKey)) return;
    event.preventDefault();
    open(row);
  });
  on('click', '[data-close-drawer]', close);
  on('click', '[data-tick-all]', () => all('input[form="ticked"]').forEach((box) => { box.checked = true; }));
  document.addEventListener('submit', confirmed);
  initFocus();
  initRefresh();
  on('change', '.filters select', (event, select) => select.form.requestSubmit());
  bind('j', () => move(1));
  bind('k', () => move(-1));
  const act = (event) => {
    const row = rows().find((each) => each.classList.contains('cursor'));
    if (!row || (event.key === 'Enter' && event.target.closest('a, button, summary, #drawer input'))) return false;
    open(row);
    return true;
  };
  bind('o', act);
  bind('Enter', act);
  bind('Escape', close);
  bind('e', () => {
    one('#opinion')?.focus();
    return Boolean(one('#opinion'));
  });
  bind('/', () => one('[data-search]')?.select() ?? one('[data-search]')?.focus());
  bindAfter('g', (key) => {
    const link = all('[data-key]').find((each) => each.dataset.key === key);
    if (link) location.assign(link.href);
    return Boolean(link);
  });
  bind('?', () => one('#help')?.showModal());
}
