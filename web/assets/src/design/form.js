// The editor of a form: form-js's; what a user will see is drawn by the server beside it.
import { FormEditor } from '@bpmn-io/form-js-editor';

/** Open the form `content` in `canvas`, its properties in `panel`; the editor that the page works with. */
export async function openEditor({ canvas, panel, content }) {
  const editor = new FormEditor({ container: canvas, propertiesPanel: { parent: panel } });
  const schema = JSON.parse(content);
  const { warnings } = await editor.importSchema(schema);
  const registry = editor.get('formFieldRegistry');
  return {
    warnings,
    content: async () => `${JSON.stringify(editor.saveSchema(), null, 2)}\n`,
    changed: (act) => editor.on('commandStack.changed', act),
    has: (id) => Boolean(registry.get(id)),
    name: (id) => registry.get(id)?.label || id,
    show: (id) => { if (registry.get(id)) editor.get('selection').set(registry.get(id)); },
    undo: () => editor.get('commandStack').undo(),
    redo: () => editor.get('commandStack').redo(),
    close: () => editor.destroy(),
  };
}
