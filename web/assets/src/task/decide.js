// The decision: phrases, what an outcome needs, one question before a rejection, and never twice.
import htmx from 'htmx.org';
import { all, make, on, one } from '../lib/dom.js';
import { ask } from '../lib/dialog.js';
import { say } from '../lib/strings.js';
import { newPins } from '../form/index.js';

const REMEMBERED = 'bihuan:then';

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
  if (button.dataset.needsOpinion !== undefined && !opinion.value.trim()) return say('opinion_needed', { outcome });
  if (button.dataset.needsPins !== undefined && !newPins(task).length) return say('pins_needed', { outcome });
  return null;
}

async function confirmed(button, opinion) {
  if (button.dataset.confirm === undefined) return true;
  const outcome = button.textContent.trim();
  const body = [make('p', {}, say('confirm_reject', { outcome }))];
  if (opinion.value.trim()) body.push(make('blockquote', { class: 'alert', lang: 'zh' }, opinion.value));
  return (await ask({ title: say('confirm', { outcome }), body, yes: outcome, danger: button.dataset.rejects !== undefined })) !== null;
}

export function initDecision(task, draft) {
  const form = one('#task-form', task);
  const opinion = one('#opinion', task);
  if (!opinion) return;
  opinion.addEventListener('input', () => {
    opinion.removeAttribute('aria-invalid');
    if (opinion.nextElementSibling?.matches('.field-error')) opinion.nextElementSibling.remove();
  });
  opinion.addEventListener('keydown', (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || !/^Digit[1-9]$/.test(event.code)) return;
    const button = all('[data-phrase]', task)[Number(event.code.slice(5)) - 1];
    if (!button) return;
    event.preventDefault();
    insertPhrase(opinion, button.textContent);
  });
  on('click', '[data-phrase]', (event, button) => insertPhrase(opinion, button.textContent), task);

  const then = one('[data-remember="then"]', task);
  if (then) {
    if (localStorage.getItem(REMEMBERED) === 'off') then.checked = false;
    then.addEventListener('change', () => localStorage.setItem(REMEMBERED, then.checked ? 'on' : 'off'));
  }

  // The button's own value is sent by browsers that submit the form themselves; a script's request needs the field.
  const chosen = one('input[data-chosen]', form);
  let passed = null;
  on('click', '[data-act]', async (event, button) => {
    if (passed === button) return;
    event.preventDefault();
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
    } else if (task.isConnected) {
      lock(false);
      draft.closed = false;
      draft.tell(say('unsaved'));
    }
  });
}
