// The process diagram: what is finished, what is open, the way that was taken; a click tells who and when.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { make, one } from './lib/dom.js';
import { get } from './lib/net.js';
import { say } from './lib/strings.js';

function ensureStyle() {
  const href = document.body.dataset.diagramStyle;
  if (one(`link[href="${href}"]`)) return Promise.resolve();
  return new Promise((resolve) => {
    document.head.append(make('link', { rel: 'stylesheet', href, onload: resolve, onerror: resolve }));
  });
}

function note(box, name, about) {
  one('.diagram-note', box)?.remove();
  const lines = about.lines.length ? about.lines : [say('diagram_not_yet')];
  const closing = make('button', { type: 'button', class: 'close', 'aria-label': say('confirm_no') }, '×');
  const shown = make('div', { class: 'diagram-note', role: 'status' }, closing, make('b', {}, name),
    ...lines.map((line) => make('div', {}, line)));
  closing.addEventListener('click', () => shown.remove());
  box.append(shown);
}

function fit(canvas) {
  canvas.zoom('fit-viewport', 'auto');
  const { inner, outer } = canvas.viewbox();
  const margin = 24;
  const scale = Math.min(outer.width / (inner.width + 2 * margin), outer.height / (inner.height + 2 * margin), 1.2);
  const width = outer.width / scale;
  const height = outer.height / scale;
  canvas.viewbox({ x: inner.x - (width - inner.width) / 2, y: inner.y - (height - inner.height) / 2, width, height });
}

/** Look at the open steps when the whole diagram would be too small to read. */
function lookAt(canvas, registry, ids) {
  fit(canvas);
  if (canvas.zoom() >= 0.55) return;
  const shapes = ids.map((id) => registry.get(id)).filter(Boolean);
  if (!shapes.length) return;
  const { outer } = canvas.viewbox();
  const scale = 0.75;
  const middle = shapes[0];
  canvas.viewbox({
    x: middle.x + middle.width / 2 - outer.width / scale / 2,
    y: middle.y + middle.height / 2 - outer.height / scale / 2,
    width: outer.width / scale,
    height: outer.height / scale,
  });
}

/** Draw the diagram that `box` names. */
export async function showDiagram(box) {
  try {
    const [state] = await Promise.all([get(box.dataset.diagram), ensureStyle()]);
    const viewer = new NavigatedViewer({ container: box });
    await viewer.importXML(state.xml);
    const canvas = viewer.get('canvas');
    const registry = viewer.get('elementRegistry');
    const marked = (ids, marker) => ids.filter((id) => registry.get(id)).forEach((id) => canvas.addMarker(id, marker));
    marked(state.finished, 'done');
    marked(state.flows_taken, 'taken');
    marked(state.active, 'active');
    marked(Object.keys(state.nodes), 'clickable');
    viewer.get('eventBus').on('element.click', ({ element }) => {
      const about = state.nodes[element.id];
      if (about) note(box, about.name, about);
    });
    // The wheel scrolls the page, not the diagram, unless Ctrl is held: nobody may lose the page under the pointer.
    box.addEventListener('wheel', (event) => { if (!event.ctrlKey) event.stopPropagation(); }, { capture: true });
    lookAt(canvas, registry, state.active);
    const tools = one('.diagram-tools', box);
    tools.hidden = false;
    tools.addEventListener('click', (event) => {
      const kind = event.target.closest('[data-zoom]')?.dataset.zoom;
      if (kind === 'fit') fit(canvas);
      else if (kind) canvas.zoom(canvas.zoom() * (kind === 'in' ? 1.25 : 0.8));
    });
    box.dataset.ready = '';
  } catch (error) {
    box.append(make('p', { class: 'field-error' }, say('diagram_failed')));
    console.error(error);
  }
}
