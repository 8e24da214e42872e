// What a trial waits for, as cards: a step for people with its real form, a timer, a message, work outside.
import { make } from '../lib/dom.js';
import { phrase } from './phrases.js';

/** Whoever begins a play is nobody of the county. */
export const STARTER = 'user:initiator';

const minute = (at) => at.slice(0, 16).replace('T', ' ');

/** What somebody typed as `name = value`, a line each: numbers and yes or no as such, all else as text. */
export function typedValues(text) {
  const lines = text.split('\n').map((line) => line.split(/[=＝]/)).filter(([name]) => name.trim());
  return Object.fromEntries(lines.map(([name, ...rest]) => [name.trim(), constant(rest.join('=').trim())]));
}

function constant(text) {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  return text.replace(/^["“](.*)["”]$/, '$1');
}

const button = (attributes, text) => make('button', { type: 'button', class: 'button', ...attributes }, text);

/** The card of an open step; `names(id)` is what the diagram calls an element. */
export function stepCard({ element, item, name, due, form, html, outcomes, asked, because, separate_from: apart, returns }, names) {
  const people = asked.flatMap((who) => who.people.map((person) => ({ ...person, post: who.name })));
  const box = make('form', { class: 'card padded trial-step', id: html ? 'trial-form' : null, 'data-step': true, 'data-element': element, 'data-item': item, 'data-form': form });
  const drawn = make('div');
  drawn.innerHTML = html ?? ''; // drawn by our own server, which escapes what people wrote
  const choices = outcomes.length ? outcomes : [{ name: '' }];
  box.append(
    make('h3', { lang: 'zh' }, name, due ? make('small', { class: 'muted' }, ` ${phrase('trial_due', { due: minute(due) })}`) : ''),
    make('p', { class: 'small muted' }, phrase('trial_because', { why: Object.values(because).join('；') || '—' }), apart.length ? ` ${phrase('trial_apart', { steps: apart.map(names).join('、') })}` : ''),
    people.length
      ? make('label', {}, phrase('trial_by'), ' ', make('select', { class: 'input', name: '_by', lang: 'zh' },
        ...people.map(({ id, name: called, post }) => make('option', { value: id.replace('user:', '') }, id === STARTER ? phrase('trial_starter') : `${called}（${post}）`))))
      : make('p', { class: 'alert warning' }, phrase('trial_nobody', { who: asked.map((who) => who.name).join('、') || '—' })),
    drawn,
    make('label', {}, phrase('trial_opinion'), make('textarea', { class: 'input', name: '_opinion', rows: 2, lang: 'zh' })),
    make('div', { class: 'buttons' }, ...choices.map(({ name: outcome }, index) => make('button', { class: index ? 'button' : 'button primary', value: outcome, lang: 'zh', formnovalidate: true }, outcome || phrase('trial_done')))),
  );
  if (returns.length) {
    box.append(make('div', { class: 'design-fields' }, make('label', {}, phrase('trial_return'), ' ', make('select', { class: 'input', name: '_to', lang: 'zh' },
      ...returns.map(({ to, name: called }) => make('option', { value: to }, called)))), make('button', { class: 'button', 'data-return': true, formnovalidate: true }, phrase('trial_give_back'))));
  }
  return box;
}

/** The cards of what no person does: times that come, messages and signals that arrive, work that is done outside. */
export function otherCards({ timers, subscriptions, jobs, incidents }, names) {
  const values = () => make('label', {}, phrase('trial_values'), make('textarea', { class: 'input', rows: 2, lang: 'zh', 'data-values': true }));
  const card = (title, ...rest) => make('section', { class: 'card padded trial-step' }, make('h3', { lang: 'zh' }, title), ...rest);
  return [
    ...incidents.map(({ element, message }) => make('div', { class: 'alert error' }, make('b', { lang: 'zh' }, names(element)), make('p', {}, message))),
    ...jobs.map(({ type, element }) => card(phrase('trial_job', { name: names(element), type }), values(), button({ 'data-do': 'job', 'data-name': type }, phrase('trial_done')))),
    ...subscriptions.filter((each) => each.message || each.signal).map(({ message, signal, key, element }) => card(
      phrase('trial_message', { name: message ?? signal, at: names(element) }), values(),
      button({ 'data-do': message ? 'message' : 'signal', 'data-name': message ?? signal, 'data-key': key ?? '' }, phrase('trial_arrives')))),
    ...timers.map(({ element, due }) => card(phrase('trial_timer', { name: names(element), at: minute(due) }), button({ 'data-do': 'until', 'data-at': due }, phrase('trial_until')))),
  ];
}
