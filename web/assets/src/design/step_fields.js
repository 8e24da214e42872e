// The inputs of a step's properties, and what their values are in the server's words.
import { all, make, one } from '../lib/dom.js';
import { phrase } from './phrases.js';

const option = (chosen) => ([id, name]) => {
  const each = make('option', { value: id }, name);
  each.selected = id === chosen;
  return each;
};
const select = (name, pairs, chosen, label) => make('select', { class: 'input', 'data-input': name, lang: 'zh', 'aria-label': label },
  ...pairs.map(option(chosen)), ...(chosen && !pairs.some(([id]) => id === chosen) ? [option(chosen)([chosen, chosen])] : []));
const input = (name, given, more = {}) => make('input', { class: 'input', 'data-input': name, value: given ?? '', ...more });
const read = (name, box) => one(`[data-input="${name}"]`, box)?.value.trim() ?? '';

/** A post: which role, and where: an organisation, or what the case says. */
function who({ role, at, person, initiator }, known) {
  if (initiator) return make('p', { 'data-who': 'initiator' }, phrase('steps_initiator'));
  if (person) return make('p', { 'data-who': person }, person);
  const places = [...known.organisations.map(({ id, name }) => [id, name]),
    ...['=project.unit', '=project.section', '=project.department', '=unit.code', '=unit.section'].map((each) => [each, phrase(`place_${each.slice(1).replace('.', '_')}`)])];
  return make('div', { class: 'step-who', 'data-who': '' },
    select('role', [['', '—'], ...known.roles.map(({ id, name }) => [id, name])], role, phrase('steps_role')),
    select('at', [['', '—'], ...places], at, phrase('steps_at')),
    make('button', { type: 'button', class: 'button small', 'data-remove': true, 'aria-label': phrase('steps_remove') }, '×'));
}

function deadline(given) {
  const kind = given ? Object.keys(given)[0] : '';
  return [
    select('kind', ['', 'days', 'setting', 'at'].map((each) => [each, phrase(`deadline_${each || 'none'}`)]), kind, phrase('steps_deadline')),
    input('amount', kind ? given[kind] : '', { 'aria-label': phrase('steps_amount'), size: 16 }),
  ];
}

function back(given, known, earlier) {
  const chosen = new Set(given);
  return ['previous', 'initiator', 'any'].map((each) => [each, phrase(`return_${each}`)]).concat(earlier).map(([id, name]) => {
    const box = make('input', { type: 'checkbox', value: id });
    box.checked = chosen.has(id);
    return make('label', { class: 'choice' }, box, ' ', make('span', { lang: 'zh' }, name));
  });
}

/** The names that a condition may compare, those in documents after a dot. */
const paths = (names) => names.flatMap(({ name, members }) => [name, ...(members ?? []).map((each) => `${name}.${each.name}`)]);

export const field = {
  who,
  name: (given) => input('name', given, { lang: 'zh', maxlength: 200, 'aria-label': phrase('steps_name') }),
  approver: (given, known) => [
    make('div', { 'data-approvers': true }, ...given.map((each) => who(each, known))),
    make('button', { type: 'button', class: 'button small', 'data-add': true }, phrase('steps_add')),
  ],
  deadline,
  signing: (given) => select('signing', ['', 'all', 'any', 'in order', ...(/^ratio/.test(given) ? [given] : ['ratio 2/3'])]
    .map((each) => [each, phrase(`signing_${(each || 'one').split(' ')[0]}`)]), given, phrase('steps_signing')),
  return: back,
  form: (given, known) => select('form', [['', phrase('steps_no_form')], ...known.forms.map(({ id, name }) => [id, name === id ? id : `${name}（${id}）`])], given ?? '', phrase('steps_form')),
  condition(given, known) {
    const list = `names-${Math.random().toString(36).slice(2)}`;
    return [
      input('field', given.field, { list, 'aria-label': phrase('condition_field') }),
      make('datalist', { id: list }, ...paths(known.names).map((each) => make('option', { value: each }))),
      select('operator', ['=', '!=', '<', '<=', '>', '>='].map((each) => [each, each]), given.operator, phrase('condition_operator')),
      input('value', typeof given.value === 'string' ? `"${given.value}"` : String(given.value), { lang: 'zh', 'aria-label': phrase('condition_value') }),
    ];
  },
};

const constant = (text) => {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  return text.replace(/^["“]|["”]$/g, '');
};

/** What a property's inputs hold; undefined while it isn't complete. */
export const value = {
  name: (box) => read('name', box) || undefined,
  approver(box) {
    const posts = all('[data-who]', box).map((each) => {
      if (each.dataset.who === 'initiator') return { initiator: 'yes' };
      if (each.dataset.who) return { person: each.dataset.who };
      return { role: read('role', each), at: read('at', each) };
    });
    return posts.length && posts.every((each) => !('role' in each) || (each.role && each.at)) ? posts : undefined;
  },
  deadline(box) {
    const [kind, amount] = [read('kind', box), read('amount', box)];
    if (!kind) return null;
    if (!amount) return undefined;
    if (kind !== 'days') return { [kind]: amount };
    return /^\d+$/.test(amount) ? { days: Number(amount) } : undefined;
  },
  signing: (box) => read('signing', box),
  return: (box) => all('input:checked', box).map((each) => each.value),
  form: (box) => read('form', box) || null,
  condition(box) {
    const [name, operator, text] = [read('field', box), read('operator', box), read('value', box)];
    return name && text ? { field: name, operator, value: constant(text) } : undefined;
  },
};
