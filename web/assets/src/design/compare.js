// What would change: two versions of a file, on the diagram where it is one, and as a list.
import { make, one } from '../lib/dom.js';
import { ask } from './api.js';
import { phrase } from './phrases.js';

const READERS = {
  bpmn: () => import('./compare_diagram.js').then(({ compareDiagrams }) => compareDiagrams),
  dmn: () => import('./compare_parts.js').then(({ compareDecisions }) => compareDecisions),
  form: () => import('./compare_parts.js').then(({ compareForms }) => compareForms),
};

const shown = (value) => (value === undefined || value === '' ? phrase('nothing') : String(value));

function row({ kind, name, details = [] }, show) {
  return make('li', { class: `difference ${kind}` },
    make('b', { class: 'finding-kind' }, phrase(kind)),
    make('div', { class: 'grow' },
      show ? make('button', { type: 'button', class: 'link', onclick: show }, name) : make('span', {}, name),
      ...(details.length ? [make('dl', {}, ...details.map(({ label, before, after }) => make('div', {}, make('dt', {}, label),
        make('dd', {}, make('del', {}, shown(before)), ' → ', make('ins', {}, shown(after))))))] : [])));
}

/** Compare what the page names. */
export async function openComparison(root) {
  const list = one('[data-differences]', root);
  try {
    const { kind, before, after } = await ask(root.dataset.compare);
    const compare = await READERS[kind]();
    const { differences, show } = await compare({ before, after, old: one('[data-before]', root), fresh: one('[data-after]', root) });
    one('[data-count]', root).textContent = differences.length ? phrase('differences', { count: differences.length }) : phrase('differences_none');
    list.replaceChildren(...differences.map((each) => row(each, show && (() => show(each)))));
    root.dataset.ready = '';
  } catch (error) {
    list.replaceChildren(make('li', { class: 'alert error', role: 'alert' }, error.status !== undefined ? error.message : phrase('not_opened')));
    console.error(error);
  }
}
