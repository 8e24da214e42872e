// The page before the confirmation: the sum follows what is ticked, and one click is one click.
import { all, on, one } from '../lib/dom.js';
import { say } from '../lib/strings.js';
import { forget } from './selection.js';

const wan = (fen) => (fen / 1e6).toLocaleString('zh-CN', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function tell(form) {
  const ticked = all('input[name="item"]:checked', form);
  const sum = wan(ticked.reduce((total, box) => total + (Number(box.dataset.amount) || 0), 0));
  const place = one('[data-bulk-sum]', form);
  if (place) place.textContent = say('bulk_sum', { count: ticked.length, sum });
  const go = one('[data-bulk-go]', form);
  if (go) go.disabled = !ticked.length;
}

export function initPreview() {
  on('change', 'form[data-bulk-confirm] input[name="item"]', (event, box) => tell(box.form));
  on('submit', 'form[data-bulk-confirm]', (event, form) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = '1';
    forget();
    setTimeout(() => { one('[data-bulk-go]', form).disabled = true; });
  });
  const shown = one('form[data-bulk-confirm]');
  if (shown) tell(shown);
  window.addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
}
