// What an expression may name at an element, for the completion in the panel's FEEL editors: the server knows it.

/** The module that the properties panel asks; `known(element id)` resolves to entries of name, type and explanation. */
export function variablesModule(known) {
  const resolver = {
    async getVariablesForElement({ id }) {
      return known(id).catch(() => []);
    },
  };
  return { variableResolver: ['value', resolver] };
}
