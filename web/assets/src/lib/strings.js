// Sentences that scripts show; the server hands them over in the page's language.
let table;

/** The sentence `key` with its `{names}` filled in. */
export function say(key, values = {}) {
  table ??= JSON.parse(document.body.dataset.strings);
  return (table[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
