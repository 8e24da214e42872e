// The decision: phrases, what an outcome needs, one question before a rejection, and never twice.
import htmx from 'htmx.org';
import { all, make, on, one } from '../lib/dom.js';
import { ask } from '../lib/dialog.js';
import { say } from '../lib/strings.js';
import { toast } from '../lib/toast.js';
import { newPins } from '../form/index.js';

const REMEMBERED = 'bihuan:then';
// The next task opens with its buttons where the last one's were: a click that comes at once was meant for the last one.
const DECIDED = 'bihuan:decided';
const SETTLE = 800;
const NEAR = 24;

/** Remember where on the screen a task was decided by a click. */
function noteWhere({ detail, clientX, clientY }) {
  try {
    if (detail) sessionStorage.setItem(DECIDED, JSON.stringify({ x: clientX, y: clientY }));
  } catch { /* without storage nothing is guarded */ }
}

/** Return whether a click belongs to the task before: at the same place, just after this one has come. */
function guard() {
  const shown = performance.now();
  let where = null;
  try {
    where = JSON.parse(sessionStorage.getItem(DECIDED));
    sessionStorage.removeItem(DECIDED);
  } catch { /* nothing was kept */ }
  return ({ detail, clientX, clientY }) => Boolean(where && detail && performance.now() - shown < SETTLE
    && Math.abs(clientX - where.x) < NEAR && Math.abs(clientY - where.y) < NEAR);
}

function insertPhrase(opinion, phrase) {
  const text = opinion.value.trim();
  opinion.value = !text ? phrase : `${text}${/[。！？；.!?;]$/.test(text) ? '' : '；'}${phrase}`;
  opinion.dispatchEvent(new Event('input', { bubbles: true }));
  opinion.focus();
}

function complain(opinion, text) {
  const next = opinion.nextElementSibling;
  const shown = next?.matches('.field-error') ? next : make('p', { class: 'field-error', role: 'alert' });
  shown.textContent = text;
  opinion.after(shown);
  opinion.setAttribute('aria-invalid', 'true');
  opinion.focus();
}

/** What stops `button`'s outcome, as a sentence; null when nothing does. */
function missing(button, task, opinion) {
  const outcome = button.textContent.trim();
  if (opinion?.validationMessage) return opinion.validationMessage;
  if (button.dataset.needsOpinion !== undefined && !opinion?.value.trim()) return say('opinion_needed', { outcome });
  if (button.dataset.needsPins !== undefined && !newPins(task).length) return say('pins_needed', { outcome });
  return null;
}

async function confirmed(button, opinion) {
  if (button.dataset.confirm === undefined) return true;
  const outcome = button.textContent.trim();
  const body = [make('p', {}, say('confirm_reject', { outcome }))];
  if (opinion?.value.trim()) body.push(make('blockquote', { class: 'alert', lang: 'zh' }, opinion.value));
  return (await ask({ title: say('confirm', { outcome }), body, yes: outcome, danger: button.dataset.rejects !== undefined })) !== null;
}

function initOpinion(task, opinion) {
  opinion.addEventListener('input', () => {
    opinion.removeAttribute('aria-invalid');
    if (opinion.nextElementSibling?.matches('.field-error')) opinion.nextElementSibling.remove();
  });
  opinion.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault();
      one('[data-act]', task)?.focus();
      return;
    }
    if (!event.altKey || event.ctrlKey || event.metaKey || !/^Digit[1-9]$/.test(event.code)) return;
    const button = all('[data-phrase]', task)[Number(event.code.slice(5)) - 1];
    if (!button) return;
    event.preventDefault();
    insertPhrase(opinion, button.textContent);
  });
  // The opinion keeps the focus: on a narrow screen phrases are shown only while one writes.
  on('mousedown', '[data-phrase]', (event) => event.preventDefault(), task);
  on('click', '[data-phrase]', (event, button) => insertPhrase(opinion, button.textContent), task);
}

export function initDecision(task, draft) {
  const form = one('#task-form', task);
  const opinion = one('#opinion', task);
  if (opinion) initOpinion(task, opinion);

  const then = one('[data-remember="then"]', task);
  if (then) {
    if (localStorage.getItem(REMEMBERED) === 'off') then.checked = false;
    then.addEventListener('change', () => localStorage.setItem(REMEMBERED, then.checked ? 'on' : 'off'));
  }

  // A box that is ticked, or a line, is no place to decide: only a button sends the decision.
  on('keydown', 'input', (event, input) => {
    if (event.key === 'Enter' && input.form === form && !event.isComposing) event.preventDefault();
  }, task);

  // The button's own value is sent by browsers that submit the form themselves; a script's request needs the field.
  const chosen = one('input[data-chosen]', form);
  let passed = null;
  let clicked = {};
  const stray = guard();
  on('click', '[data-act]', async (event, button) => {
    if (passed === button) return;
    event.preventDefault();
    if (stray(event)) {
      toast(say('stray_click'));
      return;
    }
    clicked = event;
    const problem = missing(button, task, opinion);
    if (problem) {
      complain(opinion, problem);
      return;
    }
    if (!(await confirmed(button, opinion))) return;
    await draft.busy;
    chosen.name = button.name;
    chosen.value = button.value;
    form.setAttribute('hx-post', button.getAttribute('formaction') ?? form.getAttribute('action'));
    htmx.process(form);
    passed = button;
    form.requestSubmit(button);
    passed = null;
  }, task);

  const lock = (busy) => all('[data-act]', task).forEach((button) => { button.disabled = busy; });
  form.addEventListener('htmx:beforeRequest', (event) => {
    if (event.target !== form) return;
    lock(true);
    draft.hold();
    draft.tell(say('working'));
  });
  form.addEventListener('htmx:afterRequest', (event) => {
    if (event.target !== form) return;
    if (event.detail.xhr.getResponseHeader('HX-Redirect')) {
      draft.finish();
      noteWhere(clicked);
    } else if (task.isConnected) {
      lock(false);
      draft.closed = false;
      draft.tell(say('unsaved'));
    }
  });
}
