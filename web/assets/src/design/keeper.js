// Saves a draft as one types: in the browser at once, on the server after a pause; never over what somebody else saved.
import { forget, forgetAll, keep, setAside, sweep } from '../task/copies.js';
import { ask } from './api.js';
import { clock, phrase } from './phrases.js';

const NOTE_AFTER = 300;
const SAVE_AFTER = 1500;
const RETRY_AFTER = 10000;
// A request that outlives its page may carry 64 kB.
const KEEPALIVE_LIMIT = 60000;

export class Keeper {
  /** `draft` as the server gave it; `read` resolves to the content; `tell(text, problem)`; `conflict(answer)` asks people. */
  constructor({ url, draft, read, tell, conflict }) {
    Object.assign(this, { url, read, tell, conflict });
    this.key = `design:${draft.id}`;
    this.revision = draft.revision;
    this.saved = draft.content;
    this.settled = Promise.resolve(true);
    this.halted = false;
    sweep();
    window.addEventListener('pagehide', () => this.leave());
    document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') this.leave(); });
    document.addEventListener('session:ending', ({ detail }) => detail.push(this.save()));
  }

  /** What an earlier visit typed and the server never got; the newest, or nothing. */
  async left() {
    const copies = (await setAside(this.key) ?? []).filter(({ pairs }) => pairs !== this.saved);
    return copies[0];
  }

  /** Forget the copies in this browser: somebody decided. */
  drop() {
    clearTimeout(this.noting);
    clearTimeout(this.saving);
    return forgetAll(this.key);
  }

  /** Something was changed: note it soon, save it after a pause. */
  changed() {
    clearTimeout(this.noting);
    clearTimeout(this.saving);
    this.noting = setTimeout(() => this.note(), NOTE_AFTER);
    this.saving = setTimeout(() => this.save(), SAVE_AFTER);
  }

  async note() {
    this.content = await this.read();
    if (this.content === this.saved) return;
    await keep(this.key, this.content);
    if (!this.halted) this.tell(phrase('unsaved'));
  }

  /** Hand the content to the server; resolves to whether it has it. */
  save() {
    clearTimeout(this.saving);
    this.settled = this.settled.then(() => this.send());
    return this.settled;
  }

  async send() {
    const content = await this.read();
    if (content === this.saved) return true;
    if (this.halted) return false;
    this.tell(phrase('saving'));
    try {
      const answer = await ask(this.url, { method: 'PUT', body: { base: this.revision, content } });
      this.revision = answer.revision;
      this.saved = content;
      if (await this.read() === content) await forget(this.key);
      this.tell(phrase('saved', { time: clock(answer.saved_at), revision: answer.revision }));
      return true;
    } catch (error) {
      this.tell(error.status ? error.message : phrase('save_failed'), true);
      if (error.status === 409) {
        this.halted = true;
        this.conflict(error.answer);
      } else if (!error.status || error.status >= 500) {
        this.saving = setTimeout(() => this.save(), RETRY_AFTER);
      }
      return false;
    }
  }

  /** Somebody decided to keep what is here, on top of `revision`. */
  insist(revision) {
    this.revision = revision;
    this.halted = false;
    return this.save();
  }

  /** The page goes away: the browser's copy is there; the server gets what fits into a last request. */
  leave() {
    if (this.halted || this.content === undefined || this.content === this.saved) return;
    keep(this.key, this.content);
    if (this.content.length > KEEPALIVE_LIMIT) return;
    const { content, revision } = this;
    ask(this.url, { method: 'PUT', body: { base: revision, content }, keepalive: true }).then((answer) => {
      this.revision = answer.revision;
      this.saved = content;
      return forget(this.key);
    }).catch(() => undefined);
  }
}
