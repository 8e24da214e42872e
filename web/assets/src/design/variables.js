// What an expression may name at an element, for the completion in the panel's FEEL editors: the server knows it.
import { word } from './words/word.js';

const FRESH = 2000;

const entry = ({ name, type, members, source, kind }) => ({
  name,
  type,
  info: [kind, source].filter(Boolean).join(' · '),
  entries: members?.map(entry),
});

/** The module that the properties panel asks; `known(element id)` resolves to what the server knows there. */
export function variablesModule(known) {
  const answers = new Map(); // the fields of one panel ask at the same time
  const resolver = {
    async getVariablesForElement({ id }) {
      const asked = answers.get(id);
      if (asked && Date.now() - asked.at < FRESH) return asked.names;
      const names = known(id).then((answer) => answer.names.map((each) => entry({ ...each, kind: word(each.kind) }))).catch(() => []);
      answers.set(id, { names, at: Date.now() });
      return names;
    },
  };
  return { variableResolver: ['value', resolver] };
}
