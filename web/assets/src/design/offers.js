// What the editor offers: the steps of an office come first, and nothing that the engine doesn't have.

// Groups of the panel that only other engines read.
const UNREAD = new Set(['Zeebe__ExecutionListeners', 'Zeebe__TaskListeners']);
const MENUS = ['bpmn-append', 'bpmn-create', 'bpmn-replace'];
const OFFICE = /template-bihuan\.office\./;
// After all others, which make the entries.
const LAST = 100;
// Events on one step stand so far apart.
const APART = 42;

class Offers {
  constructor(popupMenu, propertiesPanel, elementTemplates, modeling, selection) {
    /** Put an event on the step's lower edge, beside those that are there. */
    const attach = (template, step) => () => {
      const x = step.x + step.width - 20 - APART * step.attachers.length;
      const [event] = modeling.createElements(elementTemplates.createElement(template), { x: Math.max(x, step.x + 10), y: step.y + step.height }, step, { attach: true });
      selection.select(event);
      popupMenu.close();
    };
    const menu = {
      getPopupMenuEntries: (step) => (entries) => {
        for (const template of elementTemplates.getLatest()) {
          const entry = entries[`append.template-${template.id}`];
          if (entry && template.elementType?.value === 'bpmn:BoundaryEvent') entry.action = { ...entry.action, click: attach(template, step) };
        }
        return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => OFFICE.test(b) - OFFICE.test(a)));
      },
    };
    MENUS.forEach((name) => popupMenu.registerProvider(name, LAST, menu));
    propertiesPanel.registerProvider(LAST, { getGroups: () => (groups) => groups.filter(({ id }) => !UNREAD.has(id)) });
  }
}

Offers.$inject = ['popupMenu', 'propertiesPanel', 'elementTemplates', 'modeling', 'selection'];

export const offersModule = { __init__: ['offers'], offers: ['type', Offers] };
