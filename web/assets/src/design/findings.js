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
      const answer = await ask(this.url, { method: 'POST', body: { content: await this.read() } });
      if (number === this.asked) this.show(answer);
    } catch (error) {
      if (number !== this.asked) return;
      this.root.dataset.state = 'failed';
      this.count.textContent = error.message;
    }
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

  row(finding) {
    const { severity, element, message, remedy, path, elsewhere, file } = finding;
    const here = !elsewhere && element && this.editor.has(element);
    const where = elsewhere ? file : element ? this.editor.name(element) : '';
    return make('li', { class: `finding ${severity}`, 'data-element': element },
      make('b', { class: 'finding-kind' }, phrase(severity)),
      make('div', { class: 'grow' },
        here ? make('button', { type: 'button', class: 'link', onclick: () => this.editor.show(element) }, where) : make('span', { class: 'muted' }, where),
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
