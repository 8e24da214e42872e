// The words of the bundled editors in the reader's language: they are written in English, our dictionaries hold the Chinese.
let known = null;
const missed = new Set();

const OWN = { bpmn: () => import('./zh/process.json'), dmn: () => import('./zh/decision.json'), form: () => import('./zh/form.json') };

/** Have the words of an editor of `kind` ready in `language`; whatever shows any is imported afterwards. */
export async function loadWords(language, kind) {
  if (language === 'en') return;
  const parts = await Promise.all([import('./zh/panel.json'), OWN[kind]()]);
  known = new Map(parts.flatMap((part) => Object.entries(part.default)));
}

/** `text` in the reader's language. */
export function word(text) {
  if (!known || typeof text !== 'string') return text;
  const found = known.get(text);
  if (found !== undefined) return found;
  if (/[A-Za-z]{3}/.test(text) && !/[\u4e00-\u9fff]/.test(text)) {
    missed.add(text);
    document.documentElement.dataset.untranslated = JSON.stringify([...missed]);
  }
  return text;
}

/** What the editors' packages call: `translate('{count} rules', { count: 3 })`. */
export function translate(template, values = {}) {
  return word(template).replace(/\{\s*(\w+)\s*\}/g, (whole, name) => values[name] ?? whole);
}

/** The module by which the editors find it. */
export const translateModule = { translate: ['value', translate] };
