// Ticking rows of a list: what is ticked stays over its pages, and is always said; another filter clears it visibly.
import { all, make, on, one } from '../lib/dom.js';
import { bind } from '../keyboard.js';
import { say } from '../lib/strings.js';
import { toast } from '../lib/toast.js';

const NAME = 'bihuan-bulk';
const bar = () => one('form[data-bulk]');
const boxes = () => all('input[data-pick]');
let last = null;

/** The list that is shown, and whose browser this is. */
const here = () => `${document.body.dataset.person} ${bar().dataset.bulk}`;

function load() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(NAME));
    return kept && typeof kept.picked === 'object' ? kept : { list: '', picked: {} };
  } catch { return { list: '', picked: {} }; }
}

function keep(picked) {
  try {
    if (Object.keys(picked).length) sessionStorage.setItem(NAME, JSON.stringify({ list: here(), picked }));
    else sessionStorage.removeItem(NAME);
  } catch { /* without storage a selection lasts as long as its page */ }
}

/** Forget what is ticked: it was confirmed. */
export function forget() {
  try { sessionStorage.removeItem(NAME); } catch { /* nothing was kept */ }
}

/** Return what is ticked: value → amount in 分. */
const picked = () => {
  const kept = load();
  return kept.list === here() ? kept.picked : {};
};

const wan = (fen) => (fen / 1e6).toLocaleString('zh-CN', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Say what is ticked, here and on other pages. */
function tell() {
  const form = bar();
  const found = picked();
  const values = Object.keys(found);
  const shown = new Set(boxes().map((box) => box.value));
  const elsewhere = values.filter((value) => !shown.has(value)).length;
  const sum = wan(Object.values(found).reduce((total, amount) => total + amount, 0));
  const status = one('[data-picked]', form);
  if (!values.length) status.textContent = say('bulk_none');
  else if (elsewhere) status.textContent = say('bulk_picked_elsewhere', { count: values.length, sum, elsewhere });
  else status.textContent = say('bulk_picked', { count: values.length, sum });
  form.classList.toggle('some', values.length > 0);
  one('[data-pick-none]', form).hidden = !values.length;
  one('[data-pick-go]', form).disabled = !values.length;
  boxes().forEach((box) => {
    box.checked = box.value in found;
    box.closest('tr').classList.toggle('picked', box.checked);
  });
  const head = one('input[data-pick-all]');
  one('[data-pick-page]', form).hidden = !boxes().some((box) => !box.checked);
  const ticked = boxes().filter((box) => box.checked).length;
  if (head) {
    head.hidden = !boxes().length;
    head.checked = ticked > 0 && ticked === boxes().length;
    head.indeterminate = ticked > 0 && ticked < boxes().length;
  }
}

function set(changed, checked) {
  const found = { ...picked() };
  for (const box of changed) {
    if (checked) found[box.value] = Number(box.dataset.amount) || 0;
    else delete found[box.value];
  }
  keep(found);
  tell();
}

/** Look at the list that is shown now; a selection made under another filter is cleared, and that is said. */
function look() {
  if (!bar()) return;
  const kept = load();
  const count = Object.keys(kept.picked).length;
  if (count && kept.list !== here()) {
    forget();
    if (kept.list.startsWith(`${document.body.dataset.person} `)) toast(say('bulk_cleared', { count }));
  }
  const versions = new Map(boxes().map((box) => [box.value.split(':')[0], box.value]));
  const found = Object.entries(picked());
  const present = found.map(([value, amount]) => [versions.get(value.split(':')[0]) ?? value, amount]);
  if (bar().dataset.bulk.startsWith('inbox') && present.some(([value], at) => value !== found[at][0])) {
    keep(Object.fromEntries(found.filter(([value], at) => value === present[at][0])));
    toast(say('bulk_changed'));
  }
  tell();
}

function range(to) {
  const list = boxes();
  const [from, until] = [list.indexOf(last), list.indexOf(to)].sort((a, b) => a - b);
  return from < 0 ? [to] : list.slice(from, until + 1);
}

function submit(event, form) {
  all('input[data-elsewhere]', form).forEach((input) => input.remove());
  if (event.submitter?.matches('[data-pick-everything]')) return;
  const shown = new Set(boxes().map((box) => box.value));
  const values = Object.keys(picked());
  if (!values.length) { event.preventDefault(); return; }
  form.append(...values.filter((value) => !shown.has(value))
    .map((value) => make('input', { type: 'hidden', name: 'pick', value, 'data-elsewhere': true })));
}

export function initSelection() {
  on('click', 'input[data-pick]', (event, box) => {
    set(event.shiftKey && last?.isConnected ? range(box) : [box], box.checked);
    last = box;
  });
  on('change', 'input[data-pick-all]', (event, head) => set(boxes(), head.checked));
  on('click', '[data-pick-page]', () => set(boxes(), true));
  on('click', '[data-pick-none]', () => { keep({}); tell(); });
  on('submit', 'form[data-bulk]', submit);
  bind('x', () => {
    const box = one('tr[data-row].cursor input[data-pick]') ?? one('tr[data-row].current input[data-pick]');
    if (!box) return false;
    set([box], !box.checked);
    last = box;
    return true;
  });
  document.addEventListener('htmx:afterSettle', look);
  look();
}
