// A diagram to look at: where tokens are, and what was passed.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

/** Draw `source` in `container`. */
export async function openPicture(container, source) {
  const viewer = new NavigatedViewer({ container });
  await viewer.importXML(source);
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  canvas.zoom('fit-viewport', 'auto');
  let marked = [];
  const mark = (id, marker) => {
    if (!registry.get(id)) return;
    canvas.addMarker(id, marker);
    marked.push([id, marker]);
  };
  return {
    name: (id) => registry.get(id)?.businessObject.name || id,
    /** Mark where it stands and what it passed. */
    show(tokens, passed) {
      marked.forEach(([id, marker]) => canvas.removeMarker(id, marker));
      marked = [];
      passed.filter((id) => !tokens.includes(id)).forEach((id) => mark(id, 'path-passed'));
      tokens.forEach((id) => mark(id, 'path-now'));
      if (registry.get(tokens[0])) canvas.scrollToElement(tokens[0], 60);
    },
  };
}
