// The widgets of a form: everything is delegated to the form's element, so that what is swapped in just works.
import { all } from '../lib/dom.js';
import { initFiles } from './files.js';
import { initLimits } from './limits.js';
import { money, narrow, plainNumber } from './numbers.js';
import { initPins } from './pins.js';
import { Refresh } from './refresh.js';
import { initList } from './rows.js';
import { initTable } from './table.js';
import { say } from './words.js';

/** Write a number the way it is shown when its field is left. */
function tidy(input) {
  if (input.inputMode !== 'decimal' || !input.value.trim()) return;
  const number = plainNumber(input.value);
  if (number === null) return;
  const text = input.dataset.money === undefined ? number : money(number);
  if (narrow(input.value) !== text) input.value = text;
}

/** Let a text area be as high as its text. */
function grow(area) {
  area.style.height = 'auto';
  area.style.height = `${area.scrollHeight + 2}px`;
}

function summarise(details) {
  const chosen = all('input:checked', details).map((input) => input.parentElement.textContent.trim());
  details.querySelector('summary').textContent = chosen.join(say(details, 'comma')) || say(details, 'choose');
}

/** Go to the input that a link in the list of problems names, and show it. */
function follow(event, link) {
  const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!target) return;
  event.preventDefault();
  if (target.matches('.more')) target.closest('.f-table').classList.add('f-all');
  const input = [...target.querySelectorAll('input:not([type=hidden]), select, textarea, summary, output')]
    .find((one) => !one.hidden && one.offsetParent !== null);
  (input ?? target).scrollIntoView({ block: 'center' });
  (input ?? target).focus({ preventScroll: true });
}

function initForm(root) {
  new Refresh(root);
  initFiles(root);
  initPins(root);
  all('[data-table]', root).forEach(initTable);
  all('[data-list]', root).forEach(initList);
  initLimits(root);
  root.addEventListener('focusout', ({ target }) => { if (target.localName === 'input') tidy(target); });
  root.addEventListener('input', ({ target }) => { if (target.localName === 'textarea') grow(target); });
  root.addEventListener('change', ({ target }) => {
    const details = target.closest('details.f-many');
    if (details) summarise(details);
  });
  root.addEventListener('click', (event) => {
    const link = event.target.closest('.f-summary a');
    if (link) follow(event, link);
    all('details.f-many[open]', root).forEach((details) => { if (!details.contains(event.target)) details.open = false; });
  });
  root.addEventListener('keydown', (event) => {
    const open = event.target.closest('details.f-many[open]');
    if (open && event.key === 'Escape') {
      open.open = false;
      open.querySelector('summary').focus();
    } else if (event.key === 'Enter' && event.target.localName === 'input' && !event.isComposing && !event.defaultPrevented) {
      event.preventDefault(); // a form of many fields is not sent by a key pressed in one of them
    }
  });
  all('textarea', root).forEach((area) => { if (area.scrollHeight > area.clientHeight + 4) grow(area); });
}

/** Bring every form in `root` to life, once. */
export function initForms(root) {
  all('.f-form', root).forEach((form) => {
    if (form.dataset.live !== undefined) return;
    form.dataset.live = '';
    initForm(form);
  });
}

export { newPins } from './pins.js';
