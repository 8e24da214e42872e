// What the server's check found: a list with remedies, marks on the elements, and a way to each of them.
import { make, one } from '../lib/dom.js';
import { ask } from './api.js';
import { phrase } from './phrases.js';
import { Player } from './player.js';

const CHECK_AFTER = 900;
const ORDER = ['error', 'warning', 'info'];

export class Findings {
  /** `root` is the panel of the list, `editor` the editor that it belongs to. */
  constructor({ root, url, editor, read }) {
    Object.assign(this, { root, url, editor, read });
    this.list = one('[data-findings-list]', root);
    this.count = one('[data-findings-count]', root);
    this.cases = one('[data-findings-cases]', root);
    this.player = editor.modeler?.get && new Player(editor.modeler, one('[data-player]', root));
    this.asked = 0;
  }

  /** Something was changed: check again after a pause. */
  changed() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.check(), CHECK_AFTER);
  }

  async check() {
    const number = this.asked += 1;
    this.root.dataset.state = 'busy';
    try {
      const content = await this.read();
      const answer = await ask(this.url, { method: 'POST', body: { content } });
      if (number !== this.asked) return;
      this.cases.textContent = '';
      this.show(answer);
      if (answer.cases && answer.verdict === 'accepted') await this.playCases(answer, content, number);
    } catch (error) {
      if (number !== this.asked) return;
      this.root.dataset.state = 'failed';
      this.count.textContent = error.message;
    }
  }

  /** The file is sound: what its test cases expect must come of it, too. */
  async playCases(answer, content, number) {
    this.cases.textContent = phrase('cases_running', { count: answer.cases });
    const { cases } = await ask(this.url.replace(/check$/, 'cases/run'), { method: 'POST', body: { content } });
    if (number !== this.asked) return;
    const failed = cases.filter(({ passed }) => !passed);
    this.cases.textContent = failed.length
      ? phrase('cases_failed', { failed: failed.length, count: cases.length }) : phrase('cases_passed', { count: cases.length });
    if (!failed.length) return;
    const told = failed.map(({ name, differences, path }) => ({
      severity: 'error', where: name, path, message: differences.map(({ message }) => message).join(' '),
    }));
    this.show({ ...answer, findings: [...answer.findings, ...told] });
  }

  show({ findings, broken, seconds }) {
    const every = [...findings, ...broken.map((each) => ({ ...each, elsewhere: true }))]
      .sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
    const [errors, warnings] = ORDER.map((kind) => every.filter(({ severity }) => severity === kind).length);
    this.root.dataset.state = errors ? 'error' : warnings ? 'warning' : 'ok';
    this.count.textContent = every.length
      ? phrase('findings', { errors, warnings, seconds: seconds.toFixed(2) }) : phrase('findings_none', { seconds: seconds.toFixed(2) });
    this.list.replaceChildren(...every.map((each) => this.row(each)));
    this.player?.stop();
    this.mark(every.filter(({ elsewhere }) => !elsewhere));
  }

  /** Tell what became of another engine's diagram, each thing at its element. */
  tellConverted({ engine, notes }) {
    const kept = notes.filter(({ code }) => code === 'convert.kept');
    const box = one('[data-converted]', this.root);
    one('summary', box).textContent = phrase('converted', { engine, changed: notes.length - kept.length, kept: kept.length });
    one('ul', box).replaceChildren(...[...kept, ...notes.filter((each) => !kept.includes(each))].map(({ element, message, code }) => make('li', { class: 'finding' },
      make('b', { class: 'finding-kind' }, phrase(`convert_${code.split('.')[1]}`)),
      make('div', { class: 'grow' }, this.link(element, element ? this.editor.name(element) : ''), make('p', {}, message)))));
    box.hidden = false;
  }

  /** The way to an element, or its name where the editor doesn't show it. */
  link(element, name) {
    return element && this.editor.has(element)
      ? make('button', { type: 'button', class: 'link', lang: 'zh', onclick: () => this.editor.show(element) }, name) : make('span', { class: 'muted', lang: 'zh' }, name);
  }

  row(finding) {
    const { severity, element, message, remedy, path, elsewhere, file } = finding;
    const where = finding.where ?? (elsewhere ? file : element ? this.editor.name(element) : '');
    return make('li', { class: `finding ${severity}`, 'data-element': element },
      make('b', { class: 'finding-kind' }, phrase(severity)),
      make('div', { class: 'grow' },
        this.link(elsewhere ? null : element, where),
        make('p', {}, message),
        ...(remedy ? [make('p', { class: 'muted' }, phrase('remedy', { remedy }))] : [])),
      ...(path.length && this.player && !elsewhere ? [make('button', { type: 'button', class: 'button small', onclick: () => this.player.play(path, element) }, phrase('play_path'))] : []));
  }

  /** Put a mark with the sentences on each element. */
  mark(findings) {
    const overlays = this.editor.modeler?.get?.('overlays', false);
    if (!overlays) return;
    overlays.remove({ type: 'finding' });
    const at = new Map();
    for (const each of findings.filter(({ element }) => element && this.editor.has(element))) {
      at.set(each.element, [...at.get(each.element) ?? [], each]);
    }
    for (const [id, found] of at) {
      const worst = found[0].severity;
      const text = found.map(({ message, remedy }) => [message, remedy].filter(Boolean).join('\n')).join('\n\n');
      const mark = make('button', { type: 'button', class: `finding-mark ${worst}`, title: text, 'aria-label': text }, String(found.length));
      mark.addEventListener('click', () => {
        this.editor.show(id);
        one(`[data-element="${CSS.escape(id)}"]`, this.list)?.scrollIntoView({ block: 'nearest' });
      });
      overlays.add(id, 'finding', { position: { bottom: 10, right: 12 }, html: mark });
    }
  }
}
