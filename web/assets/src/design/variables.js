// What an expression may name at an element, for the completion in the panel's FEEL editors: the server knows it.
import { word } from './words/word.js';

const entry = ({ name, type, members, source, kind }) => ({
  name,
  type,
  info: [kind, source].filter(Boolean).join(' · '),
  entries: members?.map(entry),
});

/** The module that the properties panel asks; `known(element id)` resolves to what the server knows there. */
export function variablesModule(known) {
  const answers = new Map();
  const resolver = {
    async getVariablesForElement({ id }) {
      if (!answers.has(id)) answers.set(id, known(id).then(({ names }) => names.map((each) => entry({ ...each, kind: word(each.kind) }))).catch(() => []));
      return answers.get(id);
    },
  };
  return { variableResolver: ['value', resolver] };
}
