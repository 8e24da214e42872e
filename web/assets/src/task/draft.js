// Saves what is typed: in the browser at once, on the server every ten seconds and when the page is left.
import { make, one } from '../lib/dom.js';
import { post } from '../lib/net.js';
import { say } from '../lib/strings.js';
import { toastSessionEnded } from '../lib/toast.js';
import { forget, forgetAll, keep, leave as leaveBehind, leaveAside, setAside, sweep } from './copies.js';
import { differences, encoded, fingerprint, secret, touched, typed } from './fields.js';

const EVERY = 10000;
// A request that outlives its page may carry 64 kB; what is longer stays in the browser's copy.
const KEEPALIVE_LIMIT = 60000;
const PREVIEWED = 8;
// Times are the county's wherever the browser is, written as the server writes them.
const clock = (at) => new Date(at).toLocaleString('sv', { timeZone: 'Asia/Shanghai' }).slice(0, 16);

class Draft {
  constructor(task, early) {
    this.id = task.dataset.task;
    this.url = task.dataset.draftUrl;
    this.task = task;
    this.form = one('#task-form', task);
    this.status = one('[data-saved]', task);
    // What was typed before the scripts came is on no server yet.
    this.saved = early ? null : fingerprint(typed(this.form));
    this.closed = false;
    this.busy = null;
    // Another window has saved something else: nothing is sent until somebody has chosen.
    this.rivalled = false;
    // The server says that this may not be kept at all.
    this.refused = false;
  }

  /** Keep what is typed in this browser, at once where the page goes away; of a secret form nothing is kept. */
  keep({ leaving = false } = {}) {
    if (this.refused || secret(this.form)) {
      forgetAll(this.id);
      return;
    }
    const pairs = typed(this.form);
    if (leaving) leaveBehind(this.id, pairs);
    keep(this.id, pairs);
  }

  get box() {
    return one('[data-restore]', this.task);
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
    this.keep();
    if (!this.busy && !this.rivalled) this.tell(say('unsaved'));
  }

  /** Hand what is typed to the server; resolves to whether it has it. */
  async save({ leaving = false } = {}) {
    if (!this.url || !this.dirty) return true;
    if (this.rivalled) return false;
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
      this.refused = false;
      one('input[name="_draft_revision"]', this.form).value = answer.revision;
      if (!this.dirty) forget(this.id);
      this.tell(say('saved', { time: answer.time }));
      return true;
    } catch (error) {
      if (error.status === 401) toastSessionEnded();
      if (error.answer?.differences && !leaving) this.choose(error.answer);
      if (error.answer?.erase) {
        this.refused = true;
        forgetAll(this.id);
      }
      const known = error.status >= 400 && error.status < 500 && error.status !== 401;
      this.tell(known ? error.message : say(error.status === 401 ? 'session_ended' : 'save_failed'), true);
      return false;
    }
  }

  /** The task is being sent: nothing is saved meanwhile, and the copy is what was sent. */
  hold() {
    if (this.url) this.keep();
    this.closed = true;
  }

  /** The task was finished: nothing more is saved, the copies go. */
  finish() {
    this.closed = true;
    return forgetAll(this.id);
  }

  /** Show two versions beside each other, with what to do about them. */
  compare(title, lead, different, ...buttons) {
    const more = different.length - PREVIEWED;
    this.box.replaceChildren(make('div', { class: 'alert warning restore', role: 'alert' }, make('div', { class: 'grow' },
      make('p', {}, make('b', {}, title)),
      make('p', {}, lead),
      make('ul', { class: 'restore-list', lang: 'zh' },
        ...different.slice(0, PREVIEWED).map((each) => make('li', {}, `${each.label}：`,
          make('del', {}, each.shown || say('restore_empty')), ' → ', make('ins', {}, each.copy || say('restore_empty')))),
        ...(more > 0 ? [make('li', { class: 'muted' }, say('restore_more', { count: more }))] : [])),
      make('div', { class: 'buttons' }, ...buttons))));
    this.box.hidden = false;
  }

  /** Another window saved something else: show both, and save neither over the other until somebody has chosen. */
  choose({ message, revision, differences: different }) {
    this.rivalled = true;
    const settle = (action) => () => {
      this.rivalled = false;
      this.box.hidden = true;
      one('input[name="_draft_revision"]', this.form).value = revision;
      action();
    };
    this.compare(message, say('rival_compare'), different,
      make('button', { type: 'button', class: 'button', onclick: settle(() => this.save()) }, say('rival_here')),
      make('button', { type: 'button', class: 'button', onclick: settle(() => this.finish().then(() => location.reload())) }, say('rival_there')));
  }

  /** Offer what an earlier visit typed and the server never got, with what differs from the page. */
  async offer() {
    const shown = typed(this.form);
    const copies = (await setAside(this.id) ?? []).filter(({ pairs }) => differences(this.form, shown, pairs).length);
    this.show(copies);
  }

  show(copies) {
    leaveAside(this.id, copies);
    if (!copies.length) {
      this.box.hidden = true;
      return;
    }
    const [copy, ...others] = copies;
    const different = differences(this.form, typed(this.form), copy.pairs);
    this.compare(say('restore_title', { time: clock(copy.at) }), say('restore_compare'), different,
      make('button', { type: 'button', class: 'button primary', onclick: () => this.restore(copy, others) }, say('restore_use')),
      make('button', { type: 'button', class: 'button', onclick: () => this.show(others) }, say('restore_drop')));
  }

  /** Give the copy to the server as the draft and show the page anew: it knows how to draw every row. */
  async restore(copy, others) {
    try {
      await post(this.url, encoded(this.form, copy.pairs));
      this.closed = true;
      await Promise.all([forget(this.id), leaveAside(this.id, others)]);
      location.reload();
    } catch (error) {
      if (error.status === 401) toastSessionEnded();
      if (error.answer?.differences) this.choose(error.answer);
      this.tell(error.message, true);
    }
  }
}

/** Whether `task`'s form holds what was typed before it came to life. */
export const typedEarly = (task) => touched(one('#task-form', task));

/** Keep `task`'s form saved until it is finished or leaves the page; `early` tells that something is typed already. */
export function initDraft(task, early) {
  const draft = new Draft(task, early);
  if (!draft.url) return draft;
  sweep();
  draft.offer().then(() => draft.changed());
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
    draft.keep({ leaving: true });
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
  // Whoever signs out leaves nothing in the browser: what is typed goes to the server first.
  document.addEventListener('session:ending', ({ detail }) => {
    if (!task.isConnected) return;
    detail.push(draft.save().then((saved) => {
      draft.closed = saved;
      return saved;
    }));
  });
  document.addEventListener('session:ended', () => { draft.closed = true; });
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
