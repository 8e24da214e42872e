// What a task's form holds, as pairs that can be sent, stored and compared.
import { one } from '../lib/dom.js';

const NOT_TYPED = new Set(['csrf_token', '_version', '_document_version', '_draft_revision', '_request_key', '_list', '_beside', '_then', '_outcome', '_act']);
/** Names that say where something belongs, not what was typed. */
const PLACES = /(?:^pin\.(?:document|field|row)|\._row)$/;

/** Everything that somebody typed or chose in `form`, in its order, as [name, value] pairs. */
export function typed(form) {
  return [...new FormData(form)].filter(([name, value]) => !NOT_TYPED.has(name) && typeof value === 'string');
}

const CHANGED = {
  checkbox: (input) => input.checked !== input.defaultChecked,
  radio: (input) => input.checked !== input.defaultChecked,
  'select-one': (input) => {
    const options = [...input.options];
    const drawn = options.find((option) => option.defaultSelected) ?? options.find((option) => !option.disabled);
    return input.selectedOptions[0] !== drawn;
  },
  hidden: () => false,
};

/** Whether somebody has changed what the server drew in `form`: on a slow machine one types before the scripts are there. */
export function touched(form) {
  return [...form.elements].some((input) => input.name && !NOT_TYPED.has(input.name)
    && (CHANGED[input.type] ?? (() => 'defaultValue' in input && input.value !== input.defaultValue))(input));
}

/** Whether what is chosen in `form` says that its content is secret. */
export const secret = (form) => Boolean(one('[data-secret]:checked', form));

/** The pairs as one text that is equal when nothing differs. */
export const fingerprint = (pairs) => JSON.stringify(pairs);

function gathered(pairs) {
  const found = new Map();
  for (const [name, value] of pairs) found.set(name, found.has(name) ? `${found.get(name)}、${value}` : value);
  return found;
}

function labelOf(form, name) {
  const input = [...form.elements].find((element) => element.name === name);
  if (!input) return name;
  const label = input.getAttribute('aria-label') || input.labels?.[0]?.textContent;
  return (label || name).replace(/^\*/, '').trim();
}

/** What differs between two lists of pairs: label, what the page has, what the copy has. */
export function differences(form, shown, copy) {
  const before = gathered(shown);
  const after = gathered(copy);
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => !PLACES.test(name) && (before.get(name) ?? '') !== (after.get(name) ?? ''))
    .map((name) => ({
      label: labelOf(form, name),
      shown: before.get(name),
      copy: after.get(name),
    }));
}

/** The pairs as a body that a form would send. */
export function encoded(form, pairs) {
  const body = new URLSearchParams(pairs);
  for (const name of ['_version', '_document_version', '_draft_revision']) {
    const input = one(`input[name="${name}"]`, form);
    if (input) body.append(name, input.value);
  }
  return body;
}
