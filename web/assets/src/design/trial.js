// 试运行: a draft is played answer by answer, with the real forms and a clock that is moved by hand; nothing is kept.
import { all, make, on, one } from '../lib/dom.js';
import { toast } from '../lib/toast.js';
import { initForms } from '../form/index.js';
import { ask } from './api.js';
import { phrase } from './phrases.js';
import { openPicture } from './picture.js';

const PAUSE = 250;

class Trial {
  constructor(root, picture) {
    this.root = root;
    this.picture = picture;
    this.url = root.dataset.trial;
    this.answers = [];
    this.subject = '';
    this.steps = one('[data-waiting]', root);
    on('input', '[data-subject-text]', () => {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.search(), PAUSE);
    }, root);
    on('click', '[data-do]', (event, { dataset }) => this.act(dataset), root);
    on('submit', '[data-step]', (event, form) => this.answer(event, form), root);
  }

  async search() {
    const text = one('[data-subject-text]', this.root).value.trim();
    const { subjects } = await ask(`${this.url}/subjects?text=${encodeURIComponent(text)}`);
    one('[data-subjects]', this.root).replaceChildren(...subjects.slice(0, 8).map(({ id, name }) => make('li', {},
      make('button', { type: 'button', class: 'link', lang: 'zh', 'data-do': 'subject', 'data-id': id, 'data-name': name }, name))));
    one('[data-no-subject]', this.root).hidden = subjects.length > 0 || text !== '';
  }

  act({ do: what, id, name, days }) {
    if (what === 'subject') {
      this.subject = id;
      one('[data-chosen]', this.root).textContent = name;
      one('[data-subjects]', this.root).replaceChildren();
      this.play([]);
    } else if (what === 'start') this.play([]);
    else if (what === 'back') this.play(this.answers.slice(0, -1));
    else if (what === 'advance') this.play([...this.answers, { advance: `P${days}D` }]);
    else if (what === 'keep') this.keep();
    else if (what === 'cases') this.runCases();
  }

  get beginning() {
    return { answers: this.answers, ...(this.subject ? { subject: this.subject } : {}) };
  }

  async play(answers) {
    this.root.dataset.busy = '';
    try {
      const found = await ask(`${this.url}/try`, { method: 'POST', body: { ...this.beginning, answers } });
      this.answers = found.problem ? answers.slice(0, -1) : found.answers;
      this.show(found);
    } catch (error) {
      toast(error.message, { error: true });
    } finally {
      delete this.root.dataset.busy;
    }
  }

  answer(event, form) {
    event.preventDefault();
    const { element, item } = form.dataset;
    const data = new FormData(form);
    const mine = ['_by', '_opinion'];
    const given = { element, by: data.get('_by'), outcome: event.submitter?.value };
    if (Number(item)) given.item = Number(item);
    if (data.get('_opinion')) given.opinion = data.get('_opinion');
    if (form.dataset.form) given.fields = [...data].filter(([key, value]) => !mine.includes(key) && typeof value === 'string');
    this.play([...this.answers, given]);
  }

  show({ now, tokens, waiting, happened, decisions, problem, findings, report }) {
    this.picture.show(tokens, [...new Set(happened.flatMap(({ element, path }) => [...path, element]).filter(Boolean))]);
    one('[data-now]', this.root).textContent = now.slice(0, 16).replace('T', ' ');
    const box = one('[data-problem]', this.root);
    box.hidden = !problem;
    if (problem) box.replaceChildren(make('p', {}, problem.message), ...findings.map(({ message }) => make('p', {}, message)));
    this.steps.replaceChildren(...waiting.map((each) => this.step(each)));
    if (!waiting.length) this.steps.append(make('p', { class: 'alert info' }, report.state === 'ended' ? phrase('trial_over') : phrase('trial_waits')));
    all('[data-step]', this.steps).forEach((form) => initForms(form));
    one('[data-happened]', this.root).replaceChildren(...happened.filter(({ element }) => element).map(({ at, actor, element }) => make('li', {},
      make('span', { class: 'muted' }, (at ?? '').slice(5, 16).replace('T', ' ')), ' ', make('b', { lang: 'zh' }, this.picture.name(element)), ' ',
      make('span', { lang: 'zh' }, actor?.id.startsWith('user:') ? actor.name : ''))));
    one('[data-decisions]', this.root).replaceChildren(...decisions.map(({ step, decision, result, tables }) => make('li', {},
      make('b', { lang: 'zh' }, step || decision), '：', make('span', { lang: 'zh' }, JSON.stringify(result)),
      ...tables.map(({ name, rules }) => make('small', { class: 'sub', lang: 'zh' }, phrase('trial_rules', { name, rules: rules.join('、') || '—' }))))));
    one('[data-played]', this.root).hidden = false;
  }

  step({ element, item, name, due, form, html, outcomes, asked, because, separate_from: apart }) {
    const people = asked.flatMap((who) => who.people.map((person) => ({ ...person, post: who.name })));
    const box = make('form', { class: 'card padded trial-step', id: html ? 'trial-form' : null, 'data-step': true, 'data-element': element, 'data-item': item, 'data-form': form });
    const drawn = make('div');
    drawn.innerHTML = html ?? ''; // drawn by our own server, which escapes what people wrote
    box.append(
      make('h3', { lang: 'zh' }, name, due ? make('small', { class: 'muted' }, ` ${phrase('trial_due', { due: due.slice(0, 16).replace('T', ' ') })}`) : ''),
      make('p', { class: 'small muted' }, phrase('trial_because', { why: Object.values(because).join('；') || '—' }), apart.length ? ` ${phrase('trial_apart', { steps: apart.map((id) => this.picture.name(id)).join('、') })}` : ''),
      make('label', {}, phrase('trial_by'), ' ', make('select', { class: 'input', name: '_by', lang: 'zh', required: true },
        ...people.map(({ id, name: called, post }) => make('option', { value: id.replace('user:', '') }, `${called}（${post}）`)))),
      drawn,
      make('label', {}, phrase('trial_opinion'), make('textarea', { class: 'input', name: '_opinion', rows: 2, lang: 'zh' })),
      make('div', { class: 'buttons' }, ...(outcomes.length ? outcomes : [{ name: '' }]).map(({ name: outcome }, index) => make('button', { class: index ? 'button' : 'button primary', value: outcome, lang: 'zh', formnovalidate: true }, outcome || phrase('trial_done')))),
    );
    return box;
  }

  async keep() {
    const name = one('[data-case-name]', this.root).value.trim();
    if (!name) return;
    try {
      await ask(`${this.url}/cases`, { method: 'POST', body: { ...this.beginning, name } });
      toast(phrase('case_kept', { name }));
    } catch (error) {
      toast(error.message, { error: true });
    }
  }

  async runCases() {
    const list = one('[data-cases]', this.root);
    try {
      const { cases } = await ask(`${this.url}/cases/run`, { method: 'POST', body: {} });
      list.replaceChildren(...cases.map(({ name, passed, differences }) => make('li', {},
        make('span', { class: passed ? 'tag ok' : 'tag bad' }, phrase(passed ? 'case_passed' : 'case_failed')), ' ', make('b', { lang: 'zh' }, name),
        ...differences.map(({ message }) => make('p', { class: 'muted' }, message)))));
      if (!cases.length) list.replaceChildren(make('li', { class: 'muted' }, phrase('cases_none')));
    } catch (error) {
      toast(error.message, { error: true });
    }
  }
}

/** Bring the trial page `root` to life. */
export async function openTrial(root) {
  const draft = await ask(root.dataset.trial);
  const trial = new Trial(root, await openPicture(one('[data-picture]', root), draft.content));
  await trial.search();
  root.dataset.ready = '';
}
