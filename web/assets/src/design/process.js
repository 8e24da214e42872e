// The editor of a process: bpmn-js with the panel of Camunda 8's properties, our templates, checks and simulation.
import Modeler from 'bpmn-js/lib/Modeler';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule } from 'bpmn-js-properties-panel';
import { CloudElementTemplatesPropertiesProviderModule } from 'bpmn-js-element-templates';
import cloudBehaviors from 'camunda-bpmn-js-behaviors/lib/camunda-cloud';
import { CreateAppendAnythingModule, CreateAppendElementTemplatesModule } from 'bpmn-js-create-append-anything';
import minimap from 'diagram-js-minimap';
import colors from 'bpmn-js-color-picker';
import simulation from 'bpmn-js-token-simulation';
import linting from 'bpmn-js-bpmnlint';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';
import { rules } from './lint/rules.js';
import { offersModule } from './offers.js';
import { completeInputs, variablesModule } from './variables.js';
import { translateModule } from './words/word.js';

// The palette lies over the canvas on the left: the diagram begins beside it.
const PALETTE = 130;
const MARGIN = 20;

function fitBeside(canvas) {
  const { inner, outer } = canvas.viewbox();
  const scale = Math.min((outer.width - PALETTE - MARGIN) / inner.width, (outer.height - 2 * MARGIN) / inner.height, 1);
  const [width, height] = [outer.width / scale, outer.height / scale];
  canvas.viewbox({ x: inner.x - PALETTE / scale, y: inner.y - (height - inner.height) / 2, width, height });
}

/** Open the process `content` in `canvas`, its properties in `panel`; the editor that the page works with. */
export async function openEditor({ canvas, panel, content, templates, known }) {
  const modeler = new Modeler({
    container: canvas,
    propertiesPanel: { parent: panel },
    linting: { bpmnlint: rules, active: false },
    exporter: { name: 'bihuan', version: '1' },
    moddleExtensions: { zeebe },
    additionalModules: [
      translateModule,
      BpmnPropertiesPanelModule,
      BpmnPropertiesProviderModule,
      ZeebePropertiesProviderModule,
      CloudElementTemplatesPropertiesProviderModule,
      cloudBehaviors,
      CreateAppendAnythingModule,
      CreateAppendElementTemplatesModule,
      minimap,
      colors,
      simulation,
      linting,
      offersModule,
      variablesModule(known),
    ],
  });
  completeInputs(panel, modeler);
  modeler.get('elementTemplatesLoader').setTemplates(templates);
  const { warnings } = await modeler.importXML(content);
  fitBeside(modeler.get('canvas'));
  setTimeout(() => modeler.get('linting').toggle(true)); // the diagram is seen before it is judged
  const registry = modeler.get('elementRegistry');
  return {
    warnings,
    modeler,
    content: async () => (await modeler.saveXML({ format: true })).xml,
    changed: (act) => modeler.on('commandStack.changed', act),
    has: (id) => Boolean(registry.get(id)),
    name: (id) => registry.get(id)?.businessObject.name || id,
    /** Show an element in the middle and select it. */
    show(id) {
      const element = registry.get(id);
      if (!element) return;
      modeler.get('canvas').scrollToElement(element, 120);
      modeler.get('selection').select(element);
    },
    undo: () => modeler.get('commandStack').undo(),
    redo: () => modeler.get('commandStack').redo(),
    close: () => modeler.destroy(),
  };
}
