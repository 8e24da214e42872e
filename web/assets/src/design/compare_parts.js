// Two versions of a decision or a form, part by part: what has an id in both is the same part.
import { phrase } from './phrases.js';

const HIDDEN = new Set(['id', 'components', 'schemaVersion', 'executionPlatform', 'executionPlatformVersion', 'exporter', 'layout']);

/** What is different of two maps of parts: id → { name, values }. */
function differences(old, fresh) {
  const found = [];
  for (const [id, part] of fresh) {
    const before = old.get(id);
    if (!before) found.push({ kind: 'added', id, name: part.name, details: Object.entries(part.values).map(([label, after]) => ({ label, after })) });
    else {
      const keys = [...new Set([...Object.keys(before.values), ...Object.keys(part.values)])];
      const details = keys.filter((key) => before.values[key] !== part.values[key])
        .map((label) => ({ label, before: before.values[label], after: part.values[label] }));
      if (details.length) found.push({ kind: 'changed', id, name: part.name, details });
    }
  }
  for (const [id, part] of old) if (!fresh.has(id)) found.push({ kind: 'removed', id, name: part.name });
  return { differences: found };
}

function decisionParts(source) {
  const parts = new Map();
  if (!source) return parts;
  const place = (element) => {
    const rule = element.closest('rule');
    const decision = element.closest('decision')?.getAttribute('name') ?? '';
    if (!rule) return [decision, element.getAttribute('name') || element.getAttribute('label') || element.localName].filter(Boolean).join(' · ');
    const number = [...rule.parentElement.children].filter(({ localName }) => localName === 'rule').indexOf(rule) + 1;
    return [decision, phrase('rule', { number })].join(' · ');
  };
  for (const element of new DOMParser().parseFromString(source, 'text/xml').querySelectorAll('[id]')) {
    if (element.closest('DMNDI') || element.prefix === 'dmndi') continue;
    const values = Object.fromEntries([...element.attributes].filter(({ name }) => name !== 'id' && !name.startsWith('xmlns') && !name.includes(':'))
      .map(({ name, value }) => [name, value]));
    const text = [...element.children].find(({ localName }) => localName === 'text' || localName === 'description')?.textContent.trim();
    if (text !== undefined) values[phrase('property_text')] = text;
    parts.set(element.id, { name: place(element), values });
  }
  return parts;
}

function formParts(source) {
  const parts = new Map();
  const walk = (component) => {
    const values = Object.fromEntries(Object.entries(component).filter(([key]) => !HIDDEN.has(key))
      .map(([key, value]) => [key, typeof value === 'object' ? JSON.stringify(value) : String(value)]));
    parts.set(component.id, { name: component.label || component.key || component.id, values });
    (component.components ?? []).forEach(walk);
  };
  if (source) walk(JSON.parse(source));
  return parts;
}

export const compareDecisions = ({ before, after }) => differences(decisionParts(before), decisionParts(after));
export const compareForms = ({ before, after }) => differences(formParts(before), formParts(after));
