// 常用修改: a process as a list of steps and conditions; each change is written into the file by the server and saved.
import { make, on, one } from '../lib/dom.js';
import { ask } from './api.js';
import { clock, phrase } from './phrases.js';
import { field, value } from './step_fields.js';

const ORDER = ['name', 'approver', 'deadline', 'signing', 'return', 'form'];

class StepList {
  constructor(root, draft, known, found) {
    Object.assign(this, { root, draft, known, found });
    this.url = root.dataset.steps;
    this.status = one('[data-status]', root);
    this.busy = Promise.resolve();
    on('change', '[data-property]', (event, box) => {
      this.busy = this.busy.then(() => this.change(box));
    }, root);
    on('click', '[data-add]', (event, button) => {
      const box = button.closest('[data-property]');
      one('[data-approvers]', box).append(field.who({ role: '', at: '' }, this.known));
    }, root);
    on('click', '[data-remove]', (event, button) => {
      const box = button.closest('[data-property]');
      button.closest('[data-who]').remove();
      this.busy = this.busy.then(() => this.change(box));
    }, root);
    this.draw();
  }

  tell(text, problem = false) {
    this.status.textContent = text;
    this.status.classList.toggle('problem', problem);
  }

  /** Write one property into the file and save it; what is refused is said, and nothing is changed. */
  async change(box) {
    const { element, property } = box.dataset;
    const given = value[property](box);
    box.classList.toggle('incomplete', given === undefined);
    if (given === undefined) {
      this.tell(phrase('steps_incomplete', { what: phrase(property === 'condition' ? 'property_condition' : `steps_${property}`) }), true);
      return;
    }
    this.tell(phrase('saving'));
    try {
      const answer = await ask(this.root.dataset.change, { method: 'POST', body: { content: this.draft.content, changes: [{ element, property, value: given }] } });
      const { content, ...found } = answer;
      const saved = await ask(this.url, { method: 'PUT', body: { base: this.draft.revision, content } });
      this.draft = { ...this.draft, content, revision: saved.revision };
      this.found = found;
      this.tell(phrase('saved', { time: clock(saved.saved_at), revision: saved.revision }));
      await this.check();
    } catch (error) {
      this.tell(error.message, true);
    }
  }

  async check() {
    const { findings, broken } = await ask(`${this.url}/check`, { method: 'POST', body: {} });
    const wrong = [...findings, ...broken].filter(({ severity }) => severity === 'error');
    one('[data-wrong]', this.root).replaceChildren(...wrong.map(({ message, remedy }) => make('li', { class: 'alert error' },
      make('p', {}, message, remedy ? ` ${phrase('remedy', { remedy })}` : ''))));
  }

  draw() {
    const { steps, conditions } = this.found;
    const names = new Map(steps.map(({ element, name }) => [element, name || element]));
    one('[data-list]', this.root).replaceChildren(...steps.map((step, index) => make('section', { class: 'card padded step-card', 'data-step': step.element },
      make('h2', { lang: 'zh' }, `${index + 1}. ${step.name || step.element} `, make('small', { class: 'muted' }, step.lane ?? '')),
      make('div', { class: 'step-fields' }, ...ORDER.filter((name) => step.properties[name]).map((name) => this.property(step, name, names))))));
    one('[data-conditions]', this.root).replaceChildren(...conditions.map((each) => make('div', { class: 'step-condition', 'data-flow': each.flow },
      make('p', { lang: 'zh' }, make('b', {}, each.gateway_name || each.gateway), ` → ${each.to_name || each.to}`, each.name ? `（${each.name}）` : ''),
      each.default ? make('p', { class: 'muted' }, phrase('steps_default')) : this.shown(each.flow, 'condition', each.test, () => field.condition(each.test.value, this.known)))));
  }

  property({ element, properties, earlier }, name, names) {
    const before = earlier.map((id) => [id, names.get(id) ?? id]);
    const draw = () => field[name](properties[name].value, this.known, before);
    return make('div', { class: 'step-field' }, make('h3', {}, phrase(`steps_${name}`)), this.shown(element, name, properties[name], draw));
  }

  /** What the list can't show is told as the file says it, and can't be changed here. */
  shown(element, property, { hidden, text }, draw) {
    if (hidden !== undefined) return make('p', { class: 'muted small' }, hidden, ' ', make('code', { class: 'value' }, text ?? ''));
    return make('div', { 'data-element': element, 'data-property': property }, ...[draw()].flat());
  }
}

/** Bring the page `root` to life. */
export async function openSteps(root) {
  const url = root.dataset.steps;
  const [draft, found, known] = await Promise.all([ask(url), ask(`${url}/steps`), ask(`${url}/known`)]);
  const list = new StepList(root, draft, known, found);
  list.tell(phrase('opened', { time: clock(draft.saved_at), who: draft.saved_by.name, revision: draft.revision }));
  root.dataset.ready = '';
}
