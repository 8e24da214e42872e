// What an expression may name at an element, for the completion in the panel's editors: the server knows it.
import { all, make } from '../lib/dom.js';
import { word } from './words/word.js';

const FRESH = 2000;
// The panel's plain inputs that name something of the county, and which of the server's lists they complete from.
const LISTS = { formId: 'forms', decisionId: 'decisions', targetProcessId: 'processes', taskDefinitionType: 'handlers' };

const entry = ({ name, type, members, source, kind }) => ({
  name,
  type,
  info: [kind, source].filter(Boolean).join(' · '),
  entries: members?.map(entry),
});

/** Posts as an expression names them: a role at its one organisation, or where the case says. */
const post = ({ id, name, at }) => ({ name: `role("${id}", ${at})`, info: name });
const call = ({ name, parameters }) => ({ name, type: 'function', params: parameters.map((each) => ({ name: each })) });

/** The module that the properties panel asks; `known(element id)` resolves to what the server knows there. */
export function variablesModule(known) {
  const answers = new Map(); // the fields of one panel ask at the same time
  const resolver = {
    known(id) {
      const asked = answers.get(id);
      if (asked && Date.now() - asked.at < FRESH) return asked.answer;
      const answer = known(id).catch(() => null); // nothing completes while the server can't be asked
      answers.set(id, { answer, at: Date.now() });
      return answer;
    },
    async getVariablesForElement({ id }) {
      const answer = await resolver.known(id);
      if (!answer) return [];
      const { names, functions, posts } = answer;
      return [...names.map((each) => entry({ ...each, kind: word(each.kind) })), ...posts.map(post), ...functions.filter(({ ours }) => ours).map(call)];
    },
  };
  return { variableResolver: ['value', resolver] };
}

/** Let the panel's plain inputs complete from the county's forms, decisions, processes and handlers. */
export function completeInputs(panel, modeler) {
  const lists = Object.fromEntries(Object.values(LISTS).map((name) => [name, make('datalist', { id: `known-${name}` })]));
  panel.after(...Object.values(lists));
  const option = (each) => (typeof each === 'string' ? make('option', { value: each }) : make('option', { value: each.id }, each.name ?? ''));
  const fill = async (element) => {
    const answer = await modeler.get('variableResolver').known(element.id);
    if (answer) for (const [name, list] of Object.entries(lists)) list.replaceChildren(...answer[name].map(option));
  };
  // A listener that gives back anything, be it a promise, keeps the event from the others.
  modeler.on('selection.changed', ({ newSelection: [element] }) => { if (element) fill(element); });
  new MutationObserver(() => {
    for (const [id, name] of Object.entries(LISTS)) all(`input[name="${id}"]`, panel).forEach((input) => input.setAttribute('list', `known-${name}`));
  }).observe(panel, { childList: true, subtree: true });
}
