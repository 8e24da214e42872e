// Sentences that the designer's scripts show; the page hands them over in the reader's language.
import { one } from '../lib/dom.js';

let table;

/** The sentence `key` with its `{names}` filled in. */
export function phrase(key, values = {}) {
  table ??= JSON.parse(one('[data-phrases]').dataset.phrases);
  return (table[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A moment as the county's clock shows it. */
export const clock = (at) => new Date(at).toLocaleString('sv', { timeZone: 'Asia/Shanghai' }).slice(5, 16);
