// Saves what is typed: in the browser at once, on the server every ten seconds and when the page is left.
import { make, one } from '../lib/dom.js';
import { post } from '../lib/net.js';
import { say } from '../lib/strings.js';
import { toastSessionEnded } from '../lib/toast.js';
import { forget, keep, kept, sweep } from './copies.js';
import { differences, encoded, fingerprint, typed } from './fields.js';

const EVERY = 10000;
// A request that outlives its page may carry 64 kB; what is longer stays in the browser's copy.
const KEEPALIVE_LIMIT = 60000;
const PREVIEWED = 8;
// Times are the county's wherever the browser is, written as the server writes them.
const clock = (at) => new Date(at).toLocaleString('sv', { timeZone: 'Asia/Shanghai' }).slice(0, 16);

class Draft {
  constructor(task) {
    this.id = task.dataset.task;
    this.url = task.dataset.draftUrl;
    this.task = task;
    this.form = one('#task-form', task);
    this.status = one('[data-saved]', task);
    this.saved = fingerprint(typed(this.form));
    this.closed = false;
    this.busy = null;
  }

  get dirty() {
    return !this.closed && fingerprint(typed(this.form)) !== this.saved;
  }

  tell(text, problem = false) {
    if (!this.status) return;
    this.status.textContent = text;
    this.status.classList.toggle('problem', problem);
  }

  changed() {
    if (!this.dirty) return;
    keep(this.id, typed(this.form));
    if (!this.busy) this.tell(say('unsaved'));
  }

  /** Hand what is typed to the server; resolves to whether it has it. */
  async save({ leaving = false } = {}) {
    if (!this.url || !this.dirty) return true;
    if (this.busy && !leaving) return this.busy;
    this.busy = this.send(leaving).finally(() => { this.busy = null; });
    return this.busy;
  }

  async send(leaving) {
    const pairs = typed(this.form);
    const body = encoded(this.form, pairs);
    const sent = fingerprint(pairs);
    if (!leaving) this.tell(say('saving'));
    try {
      const keepalive = leaving && String(body).length < KEEPALIVE_LIMIT;
      const answer = await post(this.url, body, { keepalive });
      this.saved = sent;
      if (!this.dirty) forget(this.id);
      this.tell(say('saved', { time: answer.time }));
      return true;
    } catch (error) {
      if (error.status === 401) toastSessionEnded();
      const known = error.status >= 400 && error.status < 500 && error.status !== 401;
      this.tell(known ? error.message : say(error.status === 401 ? 'session_ended' : 'save_failed'), true);
      return false;
    }
  }

  /** The task is being sent: nothing is saved meanwhile, and the copy is what was sent. */
  hold() {
    if (this.url) keep(this.id, typed(this.form));
    this.closed = true;
  }

  /** The task was finished: nothing more is saved, the copy goes. */
  finish() {
    this.closed = true;
    forget(this.id);
  }

  /** Offer a copy that the server never got, with what differs from the page. */
  offer() {
    const copy = kept(this.id);
    if (!copy) return;
    const shown = typed(this.form);
    const different = differences(this.form, shown, copy.pairs);
    if (!different.length) {
      forget(this.id);
      return;
    }
    const box = one('[data-restore]', this.task);
    const more = different.length - PREVIEWED;
    box.replaceChildren(make('div', { class: 'alert warning restore', role: 'alert' }, make('div', { class: 'grow' },
      make('p', {}, make('b', {}, say('restore_title', { time: clock(copy.at) }))),
      make('p', {}, say('restore_compare')),
      make('ul', { class: 'restore-list', lang: 'zh' },
        ...different.slice(0, PREVIEWED).map((each) => make('li', {}, `${each.label}：`, make('del', {}, each.shown), ' → ', make('ins', {}, each.copy))),
        ...(more > 0 ? [make('li', { class: 'muted' }, say('restore_more', { count: more }))] : [])),
      make('div', { class: 'buttons' },
        make('button', { type: 'button', class: 'button primary', onclick: () => this.restore(copy) }, say('restore_use')),
        make('button', { type: 'button', class: 'button', onclick: () => { forget(this.id); box.hidden = true; } }, say('restore_drop'))))));
    box.hidden = false;
  }

  /** Give the copy to the server as the draft and show the page anew: it knows how to draw every row. */
  async restore(copy) {
    try {
      await post(this.url, encoded(this.form, copy.pairs));
      this.finish();
      location.reload();
    } catch (error) {
      if (error.status === 401) toastSessionEnded();
      this.tell(error.message, true);
    }
  }
}

/** Keep `task`'s form saved until it is finished or leaves the page. */
export function initDraft(task) {
  const draft = new Draft(task);
  if (!draft.url) return draft;
  sweep();
  draft.offer();
  let soon;
  const note = () => {
    clearTimeout(soon);
    soon = setTimeout(() => draft.changed(), 400);
  };
  task.addEventListener('input', note);
  task.addEventListener('change', note);
  task.addEventListener('form:changed', note);
  const leave = () => {
    if (!draft.dirty) return;
    keep(draft.id, typed(draft.form));
    draft.save({ leaving: true });
  };
  const timer = setInterval(() => {
    if (!task.isConnected) {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', hidden);
      window.removeEventListener('pagehide', leave);
    } else {
      draft.save();
    }
  }, EVERY);
  const hidden = () => { if (document.visibilityState === 'hidden' && task.isConnected) leave(); };
  document.addEventListener('visibilitychange', hidden);
  window.addEventListener('pagehide', leave);
  document.addEventListener('task:leave', () => {
    if (!task.isConnected) return;
    leave();
    draft.closed = true;
  });
  // Claiming, putting back and assigning draw the task anew: what is typed must be on the server by then.
  task.addEventListener('htmx:confirm', (event) => {
    const redrawn = event.detail.target === task;
    const operation = event.detail.elt.matches('[data-operation] form');
    if (event.detail.elt === draft.form || !(redrawn || operation) || !draft.dirty) return;
    event.preventDefault();
    draft.save().then(() => {
      draft.closed = redrawn;
      event.detail.issueRequest();
    });
  });
  return draft;
}
