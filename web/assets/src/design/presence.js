// Who else has the draft open: each is told of the others, and of what they have saved.
import { ask } from './api.js';
import { clock, phrase } from './phrases.js';

const EVERY = 30000;

export class Presence {
  constructor(box, url, keeper) {
    Object.assign(this, { box, url: `${url}/here`, keeper });
    setInterval(() => this.ask(), EVERY);
    window.addEventListener('pagehide', () => {
      ask(this.url, { method: 'POST', body: { leave: true }, keepalive: true }).catch(() => undefined);
    });
  }

  async ask() {
    if (document.visibilityState === 'hidden') return;
    try {
      const { editors, revision, saved_by: by, saved_at: at } = await ask(this.url, { method: 'POST', body: {} });
      this.show(editors);
      if (revision > this.keeper.revision) this.keeper.tell(phrase('newer', { who: by.name, time: clock(at) }), true);
    } catch { /* the next time */ }
  }

  show(editors) {
    this.box.hidden = !editors.length;
    this.box.textContent = phrase('editors', { names: editors.map(({ person }) => person.name).join('、') });
  }
}
