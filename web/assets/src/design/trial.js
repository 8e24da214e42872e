// 试运行: a draft is played answer by answer, with the real forms and a clock that is moved by hand; nothing is kept.
import { all, make, on, one } from '../lib/dom.js';
import { toast } from '../lib/toast.js';
import { initForms } from '../form/index.js';
import { ask } from './api.js';
import { phrase } from './phrases.js';
import { openPicture } from './picture.js';
import { STARTER, otherCards, stepCard, typedValues } from './trial_cards.js';

const PAUSE = 250;

/** A decision's result in one line. */
const told = (value) => (value !== null && typeof value === 'object'
  ? Object.entries(value).map(([name, each]) => (Array.isArray(value) ? told(each) : `${name}：${told(each)}`)).join('；') : String(value ?? '—'));

class Trial {
  constructor(root, picture) {
    this.root = root;
    this.picture = picture;
    this.url = root.dataset.trial;
    this.answers = [];
    this.subject = '';
    this.variables = {};
    this.steps = one('[data-waiting]', root);
    on('input', '[data-subject-text]', () => {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.search(), PAUSE);
    }, root);
    on('click', '[data-do]', (event, button) => this.act(button), root);
    on('submit', '[data-step]', (event, form) => this.answer(event, form), root);
  }

  async search() {
    const text = one('[data-subject-text]', this.root).value.trim();
    const { subjects } = await ask(`${this.url}/subjects?text=${encodeURIComponent(text)}`);
    one('[data-subjects]', this.root).replaceChildren(...subjects.slice(0, 8).map(({ id, name }) => make('li', {},
      make('button', { type: 'button', class: 'link', lang: 'zh', 'data-do': 'subject', 'data-id': id, 'data-name': name }, name))));
    const nothing = !subjects.length && text === '';
    one('[data-no-subject]', this.root).hidden = !nothing;
    one('[data-search]', this.root).hidden = nothing; // the process is for no project and no unit
  }

  act(button) {
    const { do: what, id, name, days, at, key } = button.dataset;
    const typed = () => typedValues(one('[data-values]', button.closest('section, p, div'))?.value ?? '');
    const acts = {
      subject: () => {
        this.subject = id;
        one('[data-chosen]', this.root).textContent = name;
        one('[data-subjects]', this.root).replaceChildren();
        this.play([]);
      },
      start: () => {
        this.variables = typed();
        this.play([]);
      },
      again: () => this.play([]),
      back: () => this.play(this.answers.slice(0, -1)),
      advance: () => this.play([...this.answers, { advance: `P${days}D` }]),
      until: () => this.play([...this.answers, { until: at }]),
      job: () => this.play([...this.answers, { job: name, variables: typed() }]),
      message: () => this.play([...this.answers, { message: name, ...(key ? { key } : {}), variables: typed() }]),
      signal: () => this.play([...this.answers, { signal: name, variables: typed() }]),
      keep: () => this.keep(),
      cases: () => this.runCases(),
    };
    acts[what]();
  }

  get beginning() {
    return { answers: this.answers, ...(this.subject ? { subject: this.subject } : { variables: this.variables }) };
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
    const mine = ['_by', '_opinion', '_to'];
    const given = { element };
    if (data.get('_by')) given.by = data.get('_by');
    if (Number(item)) given.item = Number(item);
    if ('return' in (event.submitter?.dataset ?? {})) {
      this.play([...this.answers, { ...given, operation: 'return', to: data.get('_to'), reason: data.get('_opinion') }]);
      return;
    }
    given.outcome = event.submitter?.value ?? '';
    if (data.get('_opinion')) given.opinion = data.get('_opinion');
    if (form.dataset.form) given.fields = [...data].filter(([key, value]) => !mine.includes(key) && typeof value === 'string');
    this.play([...this.answers, given]);
  }

  show({ now, tokens, waiting, happened, decisions, problem, findings, report }) {
    this.picture.show(tokens, [...new Set(happened.flatMap(({ element, path }) => [...path, element]).filter(Boolean))]);
    one('[data-now]', this.root).textContent = now.slice(0, 16).replace('T', ' ');
    const box = one('[data-problem]', this.root);
    box.hidden = !problem;
    const wrong = findings.filter(({ severity }) => severity === 'error');
    if (problem) box.replaceChildren(make('p', {}, wrong.length ? phrase('trial_wrong') : problem.message), ...(wrong.length ? [make('ul', {}, ...wrong.map(({ message }) => make('li', {}, message)))] : []));
    const names = (id) => this.picture.name(id);
    this.steps.replaceChildren(...waiting.map((each) => stepCard(each, names)), ...otherCards(report, names));
    if (!this.steps.childElementCount) this.steps.append(make('p', { class: 'alert info' }, report.state === 'ended' ? phrase('trial_over') : phrase('trial_stands')));
    all('[data-step]', this.steps).forEach((form) => initForms(form));
    one('[data-happened]', this.root).replaceChildren(...happened.filter(({ element }) => element).map(({ at, actor, element }) => make('li', {},
      make('span', { class: 'muted' }, (at ?? '').slice(5, 16).replace('T', ' ')), ' ', make('b', { lang: 'zh' }, names(element)), ' ',
      make('span', { lang: 'zh' }, this.who(actor)))));
    one('[data-decided]', this.root).hidden = !decisions.length;
    one('[data-decisions]', this.root).replaceChildren(...decisions.map(({ step, decision, result, tables }) => make('li', {},
      make('b', { lang: 'zh' }, step || decision), '：', make('span', { lang: 'zh' }, told(result)),
      ...tables.map(({ name, rules }) => make('small', { class: 'sub', lang: 'zh' }, phrase('trial_rules', { name, rules: rules.join('、') || '—' }))))));
    one('[data-played]', this.root).hidden = false;
  }

  /** Who did something. */
  who(actor) {
    if (!actor?.id.startsWith('user:')) return '';
    return actor.id === STARTER ? phrase('trial_starter') : actor.name;
  }

  async keep() {
    const name = one('[data-case-name]', this.root).value.trim();
    if (!name) return;
    try {
      await ask(`${this.url}/cases`, { method: 'POST', body: { ...this.beginning, name } });
      toast(phrase('case_kept', { name }));
      await this.runCases();
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
