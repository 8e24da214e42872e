// Finds the words that the designer's packages show, so that a test sees that our dictionaries know each of them, and
// lets the form editor, which has no translation of its own, ask those dictionaries.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'acorn';
import { simple } from 'acorn-walk';

// Packages that show words; what they are built on (Preact, CodeMirror, moddle) shows none of its own.
const SHOWING = /node_modules\/(bpmn-js|bpmn-js-[\w-]+|bpmnlint\/rules|diagram-js|diagram-js-minimap|dmn-js-[\w-]+|table-js|@bpmn-io\/(?:properties-panel|form-js-editor|form-js-viewer))\//;
const FORMS = /node_modules\/@bpmn-io\/form-js-(editor|viewer)\/dist\/index\.es\.js$/;
// Properties of an option, an entry or an element that end up before a reader's eyes.
const SHOWN = ['label', 'title', 'description', 'tooltip', 'placeholder', 'aria-label', 'searchLabel', 'message', 'emptyText', 'explanation'];
const SHOWN_IN_FORMS = [...SHOWN, 'children', 'buttonText', 'header', 'name'];

// What the token simulation writes into its markup, and the header of the properties panel, as [module, pattern, with].
const MARKUP = [
  [/bpmn-js-token-simulation\/lib\/features\/\S+\.js$/, /title="([A-Z][\w/ ]*)"/g, 'title="${ word(\'$1\') }"'],
  [/toggle-mode\/modeler\/ToggleMode\.js$/, /Token Simulation(?= <span)/g, "${ word('Token Simulation') }"],
  [/ShowScopes\.js$/, /Focus process instance(?= \$)/g, "${ word('Focus process instance') }"],
  [/SetAnimationSpeed\.js$/, /Set animation speed = \$\{ label \}/g, "${ word('Set animation speed') } ${ word(label) }"],
  [/PauseHandler\.js$/, /\$\{ wait \? 'Remove' : 'Add' \} pause point/g, "${ word(wait ? 'Remove pause point' : 'Add pause point') }"],
  [/(@bpmn-io\/properties-panel\/dist\/index\.esm|form-js-editor\/dist\/index\.es)\.js$/, /const type = getTypeLabel\(element\)/g, 'const type = word(getTypeLabel(element))'],
];
const MARKED = /node_modules\/(bpmn-js-token-simulation\/lib\/features\/.*\.js|@bpmn-io\/properties-panel\/dist\/index\.esm\.js|dmn-js-properties-panel\/dist\/index\.esm\.js)$/;

// What the editors of decisions write into their pages without asking for a translation.
const DECISIONS = /node_modules\/dmn-js-[\w-]+\/lib\/features\/.*\.js$/;

const literal = (node) => (node?.type === 'Literal' && typeof node.value === 'string' ? node.value
  : node?.type === 'TemplateLiteral' && !node.expressions.length ? node.quasis[0].value.cooked : null);

/** The literals that an expression may evaluate to: itself, either side of a choice, what an array holds. */
function choices(node) {
  switch (node?.type) {
    case 'ConditionalExpression': return [...choices(node.consequent), ...choices(node.alternate)];
    case 'LogicalExpression': return [...choices(node.left), ...choices(node.right)];
    case 'ArrayExpression': return node.elements.flatMap(choices);
    default: return literal(node) === null ? [] : [node];
  }
}

const forReaders = (text) => /[A-Za-z]{2}/.test(text) && (/^[A-Z<]/.test(text) || / /.test(text.trim()))
  && !/^(bpmn|dmn|zeebe|camunda|bpmndi):|^[A-Z_\d]{3,}$|^https?:|^<svg|^[A-Z][a-z]+[A-Z]\w*$/.test(text);

/** The nodes of `source` that hold words for readers; `keysAt` says which properties of the module at an offset are shown. */
function nodes(source, keysAt) {
  const found = new Map();
  simple(parse(source, { ecmaVersion: 'latest', sourceType: 'module' }), {
    CallExpression({ callee, arguments: [first, second] }) {
      const name = (callee.type === 'MemberExpression' ? callee.property.name : callee.name) ?? '';
      if (/^_?translate\d*$|^word\d*$/.test(name)) choices(first).forEach((each) => found.set(each.start, each));
      if (/^createTextVNode\d*$/.test(name)) choices(first).filter((each) => forReaders(literal(each))).forEach((each) => found.set(each.start, each));
      if (name === 'report') choices(second).forEach((each) => found.set(each.start, each));
    },
    Property(node) {
      if (!keysAt(node.start).includes(node.key.name ?? node.key.value)) return;
      choices(node.value).filter((each) => forReaders(literal(each))).forEach((each) => found.set(each.start, each));
    },
  });
  return [...found.values()].filter((each) => literal(each).trim()).sort((a, b) => a.start - b.start);
}

/** Every word in `code`, an unminified bundle with a comment before each module, with the packages that show it. */
export function collect(code) {
  const modules = [...code.matchAll(/^\/\/ (\S*node_modules\/\S+|src\/\S+)$/gm)].map(({ index, 1: path }) => ({ index, path }));
  const pathAt = (offset) => {
    let [low, high] = [0, modules.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (modules[middle].index > offset) high = middle;
      else low = middle + 1;
    }
    return modules[low - 1]?.path ?? '';
  };
  const all = {};
  for (const node of nodes(code, (offset) => (SHOWING.test(pathAt(offset)) ? SHOWN : []))) {
    const [, from] = pathAt(node.start).match(SHOWING) ?? [];
    if (from) (all[literal(node)] ??= new Set()).add(from);
  }
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)).map(([text, from]) => [text, [...from].sort()]));
}

/** Has the modules that have no translation of their own ask our dictionary, and the form editor's share one Preact. */
export const translated = (folder) => ({
  name: 'translated',
  setup(build) {
    build.onResolve({ filter: /^preact(\/|$)/ }, ({ path, importer, kind, resolveDir, pluginData }) => {
      if (pluginData === 'resolved' || !FORMS.test(importer)) return undefined;
      const home = join(resolveDir, '..', '..', 'form-js-editor'); // which is pinned to its own version
      return build.resolve(path, { kind, resolveDir: home, pluginData: 'resolved' });
    });
    const asking = (filter, keys) => build.onLoad({ filter }, ({ path }) => {
      let source = readFileSync(path, 'utf8');
      for (const [module, pattern, instead] of MARKUP.filter(([each]) => each.test(path))) {
        if (module.source.includes('features\\/\\S') || source.search(pattern) >= 0) source = source.replace(pattern, instead);
        else throw new Error(`${path}: nothing is like ${pattern} any more`);
      }
      let [contents, at] = [`import { word } from ${JSON.stringify(join(folder, 'src/design/words/word.js'))};\n`, 0];
      for (const { start, end } of nodes(source, () => keys)) {
        if (/word\($/.test(source.slice(at, start))) continue;
        contents += `${source.slice(at, start)}word(${source.slice(start, end)})`;
        at = end;
      }
      return { contents: contents + source.slice(at), loader: 'js' };
    });
    asking(FORMS, SHOWN_IN_FORMS);
    asking(MARKED, ['text', 'label']);
    asking(DECISIONS, ['title', 'aria-label']);
  },
});
