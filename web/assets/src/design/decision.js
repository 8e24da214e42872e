// The editor of decisions: dmn-js with the requirements graph, tables, literal and boxed expressions.
import Modeler from 'dmn-js/lib/Modeler';
import { DmnPropertiesPanelModule, DmnPropertiesProviderModule, ZeebePropertiesProviderModule } from 'dmn-js-properties-panel';
import zeebe from 'zeebe-dmn-moddle/resources/zeebe.json';
import { one } from '../lib/dom.js';
import { phrase } from './phrases.js';
import { translateModule } from './words/word.js';

const TEXTUAL = ['decisionTable', 'literalExpression', 'boxedExpression'];

/** Whether a part of the model is `id`, or has it within. */
const holds = (part, id) => part.id === id || (part.$descriptor?.properties ?? []).some(({ name, isReference }) => !isReference
  && [part[name]].flat().some((each) => each && typeof each === 'object' && each.$parent === part && holds(each, id)));

/** Open the decisions of `content` in `canvas`, their properties in `panel`; the editor that the page works with. */
export async function openEditor({ canvas, panel, content }) {
  const common = { additionalModules: [translateModule] };
  const modeler = new Modeler({
    container: canvas,
    moddleExtensions: { zeebe },
    common: { expressionLanguages: { options: [{ value: 'feel', label: 'FEEL' }], defaults: { editor: 'feel' } } },
    drd: {
      propertiesPanel: { parent: panel },
      additionalModules: [translateModule, DmnPropertiesPanelModule, DmnPropertiesProviderModule, ZeebePropertiesProviderModule],
    },
    ...Object.fromEntries(TEXTUAL.map((kind) => [kind, common])),
  });
  const heard = new Set();
  const watched = new WeakSet();
  const tell = () => heard.forEach((act) => act());
  const { warnings } = await modeler.importXML(content);
  const watch = () => {
    const viewer = modeler.getActiveViewer();
    const bus = viewer?.get('eventBus', false);
    if (bus && !watched.has(viewer)) {
      watched.add(viewer);
      bus.on(['commandStack.changed', 'elements.changed'], tell);
    }
    canvas.closest('[data-designer]').dataset.view = modeler.getActiveView()?.type ?? '';
  };
  const viewOf = (id) => modeler.getViews().find(({ element }) => element.id === id);
  const cell = (id) => one(`[data-element-id="${CSS.escape(id)}"]`, canvas);
  /** The view whose decision holds what has this id. */
  const home = (id) => modeler.getViews().find(({ type, element }) => type !== 'drd' && holds(element, id));
  const rule = (id) => {
    const number = one('.rule-index', cell(id)?.closest('tr') ?? document.createElement('tr'))?.textContent;
    return number && phrase('rule', { number });
  };
  modeler.on('views.changed', watch);
  const graph = modeler.getViews().find(({ type }) => type === 'drd');
  const only = modeler.getViews().filter(({ type }) => type !== 'drd');
  await modeler.open(only.length === 1 ? only[0] : graph ?? only[0]);
  if (modeler.getActiveView().type === 'drd') modeler.getActiveViewer().get('canvas').zoom('fit-viewport', 'auto');
  return {
    warnings,
    modeler,
    content: async () => (await modeler.saveXML({ format: true })).xml,
    changed: (act) => heard.add(act),
    has: (id) => Boolean(viewOf(id) ?? home(id)),
    name: (id) => viewOf(id)?.element.name || rule(id) || home(id)?.element.name || id,
    /** Open a decision, or lead to a cell of its table. */
    async show(id) {
      const view = viewOf(id) ?? home(id);
      if (view && view !== modeler.getActiveView()) await modeler.open(view);
      if (!viewOf(id)) cell(id)?.scrollIntoView({ block: 'center', inline: 'center' });
      cell(id)?.click();
    },
    undo: () => modeler.getActiveViewer().get('commandStack').undo(),
    redo: () => modeler.getActiveViewer().get('commandStack').redo(),
    close: () => modeler.destroy(),
  };
}
