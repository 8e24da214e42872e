// The tabs of a task lead to the sections of one long page and follow what is being read.
import { all, on, one } from '../lib/dom.js';

export function initTabs(task) {
  const body = one('[data-scroll]', task);
  const links = all('.tabs a', task);
  const targets = links.map((link) => one(link.getAttribute('href'), task));
  on('click', '.tabs a, .findings a, .points a, .reasons a', (event, link) => {
    const target = document.getElementById(link.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    target.closest('details')?.setAttribute('open', '');
    target.scrollIntoView({ block: link.closest('.tabs') ? 'start' : 'center' });
    if (!link.closest('.tabs')) (target.matches('input, select, textarea') ? target : one('input, select, textarea', target))?.focus();
  }, task);
  const follow = () => {
    const top = body.getBoundingClientRect().top + 60;
    let current = 0;
    targets.forEach((target, index) => {
      if (target && target.getBoundingClientRect().top <= top) current = index;
    });
    if (body.scrollTop > 0 && body.scrollTop + body.clientHeight >= body.scrollHeight - 4) current = links.length - 1;
    links.forEach((link, index) => {
      if (index === current) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    });
  };
  let waiting = false;
  body.addEventListener('scroll', () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; follow(); });
  });
}
