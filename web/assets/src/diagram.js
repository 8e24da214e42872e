// The process diagram: what is finished, what is open, the way that was taken; a click tells who and when.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { make, one } from './lib/dom.js';
import { get } from './lib/net.js';
import { say } from './lib/strings.js';
import { style } from './lib/style.js';

// Empty room around the diagram; the smallest zoom at which names can be read; the zoom at which one step is shown.
const MARGIN = 24;
const READABLE = 0.55;
const SCALE = 0.75;

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
  const scale = Math.min(outer.width / (inner.width + 2 * MARGIN), outer.height / (inner.height + 2 * MARGIN), 1.2);
  const width = outer.width / scale;
  const height = outer.height / scale;
  canvas.viewbox({ x: inner.x - (width - inner.width) / 2, y: inner.y - (height - inner.height) / 2, width, height });
}

/** Where a view of `size` begins so that `middle` is in it and nothing empty is, between `from` and `from + length`. */
function begin(middle, size, from, length) {
  if (length <= size) return from - (size - length) / 2;
  return Math.min(Math.max(middle - size / 2, from), from + length - size);
}

/** Look at the open step when the whole diagram would be too small to read. */
function lookAt(canvas, registry, ids) {
  fit(canvas);
  const shape = ids.map((id) => registry.get(id)).find(Boolean);
  if (!shape || canvas.zoom() >= READABLE) return;
  const { inner, outer } = canvas.viewbox();
  const [width, height] = [outer.width / SCALE, outer.height / SCALE];
  canvas.viewbox({
    x: begin(shape.x + shape.width / 2, width, inner.x - MARGIN, inner.width + 2 * MARGIN),
    y: begin(shape.y + shape.height / 2, height, inner.y - MARGIN, inner.height + 2 * MARGIN),
    width,
    height,
  });
}

/** Colour what is hot, each with its figure: the colour is only the second thing that tells it. */
function warm(viewer, heat) {
  const registry = viewer.get('elementRegistry');
  const canvas = viewer.get('canvas');
  for (const [id, { level, text }] of Object.entries(heat).filter(([id]) => registry.get(id))) {
    canvas.addMarker(id, `heat-${level}`);
    viewer.get('overlays').add(id, { position: { top: -12, right: 14 }, html: make('b', { class: `heat-figure heat-${level}` }, text) });
  }
}

/** Draw the diagram that `box` names. */
export async function showDiagram(box) {
  try {
    const [state] = await Promise.all([get(box.dataset.diagram), style(document.body.dataset.diagramStyle)]);
    const viewer = new NavigatedViewer({ container: box });
    await viewer.importXML(state.xml);
    const canvas = viewer.get('canvas');
    const registry = viewer.get('elementRegistry');
    const marked = (ids, marker) => ids.filter((id) => registry.get(id)).forEach((id) => canvas.addMarker(id, marker));
    marked(state.finished, 'done');
    marked(state.flows_taken, 'taken');
    marked(state.active, 'active');
    marked(Object.keys(state.nodes), 'clickable');
    if (state.heat) warm(viewer, state.heat);
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
