// Opinions pinned to fields and rows: asked for in a dialog, listed at the field, sent with the decision.
import { make, on, one } from '../lib/dom.js';
import { ask } from '../lib/dialog.js';
import { say } from '../lib/strings.js';

class Pins {
  constructor(task, form) {
    this.task = task;
    this.input = one('input[name="pins"]', form);
    this.shown = one('[data-new-pins]', task);
    this.list = this.input?.value ? JSON.parse(this.input.value) : [];
    if (this.list.length) this.draw();
  }

  get count() {
    return this.list.length;
  }

  keep() {
    this.input.value = this.list.length ? JSON.stringify(this.list) : '';
    this.input.dispatchEvent(new Event('change', { bubbles: true }));
    this.draw();
  }

  draw() {
    this.shown.replaceChildren(...this.list.map((pin, index) => make('article', { class: 'point new' },
      make('header', {}, make('b', { lang: 'zh' }, pin.label),
        make('button', {
          type: 'button', class: 'button quiet', 'aria-label': say('pin_remove'),
          onclick: () => { this.list.splice(index, 1); this.keep(); },
        }, '×')),
      make('blockquote', { lang: 'zh' }, pin.text))));
    this.shown.hidden = !this.list.length;
  }

  async add(place) {
    const text = make('textarea', { class: 'input', rows: 4, maxlength: 2000, lang: 'zh', 'aria-label': say('pin_text'), required: true, autofocus: true });
    const found = await ask({
      title: say('pin_title', { label: place.label }),
      body: [text],
      yes: say('pin_add'),
      read: () => text.value.trim() || null,
    });
    if (!found) return;
    this.list.push({ ...place, text: found });
    this.keep();
  }
}

/** Let pin buttons of the shown documents add to the decision. */
export function initPins(task, form) {
  const pins = new Pins(task, form);
  if (!pins.input) return pins;
  on('click', '[data-pin]', (event, button) => {
    const { document, field, row, label } = button.dataset;
    pins.add({ document: document || pins.input.dataset.document, field, row: row || null, label: label || field });
  }, task);
  return pins;
}
