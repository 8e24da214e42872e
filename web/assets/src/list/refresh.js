// Asks every 15 seconds whether what is shown has changed, and says so without moving what somebody reads.
import htmx from 'htmx.org';
import { all, make, on, one } from '../lib/dom.js';
import { say } from '../lib/strings.js';
import { toast, toastSessionEnded } from '../lib/toast.js';

const EVERY = 15000;
const place = () => one('[data-changes]');
let known = { address: '', tag: '' };
let timer;
let asking = false;

/** Where to ask about what is shown now: a list says since when, and which rows it has. */
function address() {
  const { changes, since } = place().dataset;
  const url = new URL(changes, location.href);
  if (since) {
    url.searchParams.set('since', since);
    url.searchParams.set('shown', all('tr[data-item]:not(.gone)').map((row) => row.dataset.item).join(','));
  }
  return url.pathname + url.search;
}

async function ask() {
  if (document.hidden || asking || !place()) return;
  const asked = address();
  asking = true;
  try {
    const headers = { 'X-Requested-With': 'fetch', Accept: 'application/json' };
    if (known.address === asked) headers['If-None-Match'] = known.tag;
    const response = await fetch(asked, { headers, credentials: 'same-origin', cache: 'no-store' });
    if (response.status === 401) { clearInterval(timer); toastSessionEnded(); return; }
    if (response.status !== 200) return;
    const found = await response.json();
    // Somebody went on meanwhile: this is about a list that isn't shown any more.
    if (!place() || address() !== asked) return;
    known = { address: asked, tag: response.headers.get('ETag') ?? '' };
    tell(found);
  } catch { /* the network is away; the next time will tell */ } finally { asking = false; }
}

function tell({ numbers = {}, counters = {}, arrived = 0, gone = {}, mark }) {
  for (const [endpoint, count] of Object.entries(numbers)) {
    const badge = one(`[data-nav="${endpoint}"] em`);
    if (badge) { badge.textContent = count; badge.hidden = count === '0'; }
  }
  for (const [due, count] of Object.entries(counters)) {
    all(`[data-counter="${due}"]`).forEach((number) => { number.textContent = count; });
  }
  Object.entries(gone).forEach(([item, fate]) => takeAway(item, fate));
  const changed = mark !== undefined && mark !== place().dataset.mark;
  if (arrived || changed) announce(arrived ? say('arrived', { count: arrived > 99 ? '99+' : arrived }) : say('list_changed'));
}

function announce(text) {
  const box = one('.arrivals');
  if (!box) return;
  one('button', box).textContent = text;
  box.hidden = false;
}

/** Grey a row that is somebody else's now; it stays where it is until the list is shown anew. */
function takeAway(item, fate) {
  const row = one(`tr[data-item="${item}"]`);
  if (!row || row.classList.contains('gone')) return;
  row.classList.add('gone');
  one('.sub', row).append(make('span', { class: 'fate' }, fate));
  if (row.classList.contains('current')) toast(say('open_gone', { fate }), { error: true });
}

/** Show the list as it is now, from its first page; what is open beside it stays open. */
export async function showAnew() {
  const url = new URL(location.href);
  url.searchParams.delete('cursor');
  const here = url.pathname + url.search;
  const open = url.searchParams.get('open');
  url.searchParams.delete('open');
  await htmx.ajax('GET', url.pathname + url.search, { target: '#list', select: '#list', swap: 'outerHTML' });
  history.replaceState(history.state, '', here);
  if (open) one(`tr[data-item="${CSS.escape(open)}"]`)?.classList.add('current');
}

export function initRefresh() {
  timer = setInterval(ask, EVERY);
  document.addEventListener('visibilitychange', ask);
  on('click', '[data-show-arrivals]', showAnew);
}
