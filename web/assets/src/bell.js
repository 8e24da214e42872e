// The bell in the header: asks how much is new, now and then while somebody can see it.
import { one } from './lib/dom.js';
import { say } from './lib/strings.js';

const EVERY = 20_000;

export function initBell() {
  const bell = one('[data-bell]');
  if (!bell) return;
  const number = one('[data-bell-count]', bell);
  const name = bell.getAttribute('aria-label');
  let timer;

  async function look() {
    clearTimeout(timer);
    if (document.hidden) return;
    let answer = null;
    try {
      const response = await fetch(bell.dataset.bell, { credentials: 'same-origin', headers: { 'X-Requested-With': 'fetch' } });
      if (response.status === 401) return; // signed out: the page says so when it is used
      if (response.ok) answer = await response.json();
    } catch { /* the network is away: ask again later */ }
    if (answer) show(answer);
    timer = setTimeout(look, EVERY);
  }

  function show({ count, shown }) {
    number.hidden = count === 0;
    number.textContent = count ? shown : '';
    const label = count ? say('bell_unread', { count: shown }) : name;
    bell.setAttribute('aria-label', label);
    bell.title = label;
  }

  document.addEventListener('visibilitychange', look);
  document.addEventListener('htmx:afterOnLoad', () => { clearTimeout(timer); timer = setTimeout(look, 500); });
  look();
}
