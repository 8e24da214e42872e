// Starts the page: the frame, the list, and whatever task or diagram it holds.
import './lib/polyfill.js';
import htmx from 'htmx.org';
import { all, on, one } from './lib/dom.js';
import { token } from './lib/net.js';
import { initLongest } from './lib/longest.js';
import { say } from './lib/strings.js';
import { toast, toastSessionEnded } from './lib/toast.js';
import { initBell } from './bell.js';
import { heard } from './idle.js';
import { initKeyboard } from './keyboard.js';
import { initInbox } from './inbox.js';
import { initShell } from './shell.js';
import { initSignOut } from './sign_out.js';

const diagrams = new IntersectionObserver((entries) => {
  for (const entry of entries.filter((each) => each.isIntersecting)) {
    diagrams.unobserve(entry.target);
    import('./diagram.js').then(({ showDiagram }) => showDiagram(entry.target));
  }
}, { rootMargin: '200px' });

const charts = new IntersectionObserver((entries) => {
  for (const entry of entries.filter((each) => each.isIntersecting)) {
    charts.unobserve(entry.target);
    import('./dashboard.js').then(({ showChart }) => showChart(entry.target));
  }
}, { rootMargin: '200px' });

/** Bring what was added to the page to life. */
function enliven(root) {
  const bulletin = one('[data-bulletin]', root);
  if (bulletin) import('./bulletin.js').then(({ initBulletin }) => initBulletin(bulletin));
  all('[data-diagram]', root).forEach((element) => diagrams.observe(element));
  all('[data-chart]', root).forEach((element) => charts.observe(element));
  const thread = root.matches?.('[data-comments]') ? root : one('[data-comments]', root);
  if (thread) import('./task/comments.js').then(({ initComments }) => initComments(thread));
  const task = root.matches?.('[data-task]') ? root : one('[data-task]', root);
  if (task) import('./task/index.js').then(({ initTask }) => initTask(task));
  else if (one('.f-form', root)) import('./form/index.js').then(({ initForms }) => initForms(root));
  if (one('[data-operations], #operation-slot', root) || root.matches?.('#operation-slot, #operation, #task')) import('./operations/index.js').then(({ initOperations }) => initOperations(root));
  if (one('[data-picker]', root)) import('./lib/picker.js').then(({ initPickers }) => initPickers(root));
}

document.addEventListener('htmx:configRequest', (event) => { event.detail.headers['X-CSRFToken'] = token(); });
document.addEventListener('htmx:sendError', () => toast(say('network'), { error: true }));
document.addEventListener('htmx:responseError', ({ detail: { xhr } }) => {
  if (xhr.status === 401) { toastSessionEnded(); return; }
  let message;
  try { ({ message } = JSON.parse(xhr.responseText)); } catch { /* not ours: a proxy's page */ }
  toast(message || say('failed', { status: xhr.status }), { error: true });
});
document.addEventListener('htmx:afterSwap', ({ detail: { target, elt } }) => enliven(target?.isConnected ? target : elt));

// An attachment that can be shown is shown inside the page; with a key held down, or without a script, it is downloaded.
on('click', 'a[href*="/attachments/"]:not([data-download])', async (event, link) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const { preview } = await import('./preview/index.js');
  if (!preview(link)) location.assign(link.href);
});

initShell();
initSignOut();
initLongest();
initBell();
heard();
document.addEventListener('htmx:afterOnLoad', heard);
document.addEventListener('server:heard', heard);
initKeyboard();
if (one('[data-bulk]')) import('./bulk/selection.js').then(({ initSelection }) => initSelection());
if (one('[data-bulk-preview]')) import('./bulk/preview.js').then(({ initPreview }) => initPreview());
if (one('#list') || one('#drawer') || one('[data-search]')) initInbox();
enliven(document.body);
