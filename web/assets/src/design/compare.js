// What would change: two versions of a file, on the diagram where it is one, and as a list.
import { make, on, one } from '../lib/dom.js';
import { ask } from './api.js';
import { phrase } from './phrases.js';

const READERS = {
  bpmn: () => import('./compare_diagram.js').then(({ compareDiagrams }) => compareDiagrams),
  dmn: () => import('./compare_parts.js').then(({ compareDecisions }) => compareDecisions),
  form: () => import('./compare_parts.js').then(({ compareForms }) => compareForms),
};

/** So many cases that would be different are told of. */
const SHOWN = 30;

const shown = (value) => (value === undefined || value === '' ? phrase('nothing') : String(value));

function row({ kind, name, details = [] }, show) {
  return make('li', { class: `difference ${kind}` },
    make('b', { class: 'finding-kind' }, phrase(kind)),
    make('div', { class: 'grow' },
      show ? make('button', { type: 'button', class: 'link', onclick: show }, name) : make('span', {}, name),
      ...(details.length ? [make('dl', {}, ...details.map(({ label, before, after }) => make('div', {}, make('dt', {}, label),
        make('dd', {}, make('del', {}, shown(before)), ' → ', make('ins', {}, shown(after))))))] : [])));
}

/** Say where running cases stand, and where each of those would go. */
function standing(process) {
  const running = process.running.reduce((sum, { cases }) => sum + cases, 0);
  return make('li', {}, make('b', { lang: 'zh' }, phrase('impact_running', { process: process.name, cases: running })),
    make('ul', { class: 'plain' }, ...process.standing.map((each) => make('li', { class: 'small' },
      phrase('impact_at', { version: each.version, name: each.name || each.element, cases: each.cases }),
      each.goes_to ? '' : make('b', { class: 'bad-text' }, ` ${phrase('impact_lost')}`)))),
    make('button', { type: 'button', class: 'button', 'data-replay': process.id }, phrase('replay')), make('div', { 'data-replayed': true }));
}

/** What would have become of one case: where the ways part, how it would end, whom it would ask. */
function replayed({ instance, parts, names, ends_otherwise: otherwise, longer, asked, stopped }) {
  const told = [
    parts && phrase('replay_parts', { at: names[parts] }),
    otherwise && phrase('replay_end'),
    longer && phrase('replay_longer'),
    ...asked.map(({ element, before, after }) => phrase('replay_people', { at: names[element], before: before.join('、'), after: after.join('、') })),
    stopped,
  ];
  return make('li', { class: 'small', lang: 'zh' }, make('b', {}, `#${instance}`), ' ', told.filter(Boolean).join('；'));
}

/** Play last year's finished cases through the draft, and tell which would go another way. */
async function replay(url, button) {
  const box = button.nextElementSibling;
  button.disabled = true;
  box.textContent = phrase('replaying');
  try {
    const found = await ask(`${url}/replay`, { method: 'POST', body: { process: button.dataset.replay } });
    box.replaceChildren(make('p', {}, phrase('replayed', found)), make('ul', { class: 'plain' }, ...found.cases.slice(0, SHOWN).map(replayed)));
  } catch (error) {
    box.textContent = error.message;
  } finally {
    button.disabled = false;
  }
}

async function showImpact(root) {
  const url = root.dataset.impact;
  const list = one('[data-impacts]', root);
  const { processes } = await ask(`${url}/impact`, { method: 'POST', body: {} }).catch((error) => {
    list.replaceChildren(make('li', { class: 'alert warning' }, error.message)); // the differences are told all the same
    return { processes: [] };
  });
  if (!processes.length) return;
  list.replaceChildren(...processes.map(standing));
  on('click', '[data-replay]', (event, button) => replay(url, button), list);
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
    if (root.dataset.impact) await showImpact(root);
    root.dataset.ready = '';
  } catch (error) {
    list.replaceChildren(make('li', { class: 'alert error', role: 'alert' }, error.status !== undefined ? error.message : phrase('not_opened')));
    console.error(error);
  }
}
