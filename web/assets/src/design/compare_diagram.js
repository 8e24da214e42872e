// Two versions of a diagram: what is new is green, what is gone red, what is different blue, in both pictures.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { diff } from 'bpmn-js-differ';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';
import { phrase } from './phrases.js';

const EMPTY = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="none" targetNamespace="none"/>';
const TITLES = { name: 'property_name', documentation: 'property_documentation', conditionExpression: 'property_condition', default: 'property_default' };

async function open(container, source) {
  const viewer = new NavigatedViewer({ container, moddleExtensions: { zeebe } });
  await viewer.importXML(source).catch((error) => { if (source !== EMPTY) throw error; });
  if (source !== EMPTY) viewer.get('canvas').zoom('fit-viewport', 'auto');
  return viewer;
}

/** A value of the model in one line. */
function told(value) {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value.map(told).join('，');
  if (typeof value !== 'object') return String(value);
  if (value.$type === 'zeebe:Property') return `${value.name}: ${value.value}`;
  if (value.body !== undefined) return value.body;
  if (value.text !== undefined) return value.text;
  const own = Object.entries(value).filter(([key]) => !key.startsWith('$') && key !== 'id');
  return own.map(([key, each]) => (typeof each === 'object' ? told(each) : `${key} ${each}`)).join('，');
}

/** What is different of two elements' extensions: each property, mapping and attribute by itself. */
function extensions(before, after) {
  const flat = (element) => new Map((element?.extensionElements?.values ?? []).flatMap((each) => {
    const type = each.$type.replace('zeebe:', '');
    if (each.properties) return each.properties.map(({ name, value }) => [name, value]);
    if (each.inputParameters || each.outputParameters) {
      return [...each.inputParameters ?? [], ...each.outputParameters ?? []].map(({ source, target }) => [`→ ${target}`, source]);
    }
    return Object.entries(each).filter(([key]) => !key.startsWith('$')).map(([key, value]) => [`${type} ${key}`, told(value)]);
  }));
  const [old, fresh] = [flat(before), flat(after)];
  return [...new Set([...old.keys(), ...fresh.keys()])].filter((key) => old.get(key) !== fresh.get(key))
    .map((label) => ({ label, before: old.get(label), after: fresh.get(label) }));
}

function details(id, attrs, old, fresh) {
  const [before, after] = [old, fresh].map((viewer) => viewer.get('elementRegistry').get(id)?.businessObject);
  const own = Object.keys(attrs).filter((key) => !/^(extensionElements|incoming|outgoing|flowElements|flowNodeRef|laneSets)/.test(key)).map((key) => ({
    label: TITLES[key] ? phrase(TITLES[key]) : key,
    before: told(before?.[key]),
    after: told(after?.[key]),
  })).filter((each) => each.before !== each.after);
  return [...own, ...extensions(before, after)];
}

/** Draw both versions and return their differences, with a way to show each. */
export async function compareDiagrams({ before, after, old: left, fresh: right }) {
  const [old, fresh] = await Promise.all([open(left, before || EMPTY), open(right, after)]);
  const found = diff(old.getDefinitions(), fresh.getDefinitions());
  const drawn = (viewer, id) => viewer.get('elementRegistry').get(id);
  const nameOf = (id) => (drawn(fresh, id) ?? drawn(old, id))?.businessObject.name || id;
  const mark = (viewer, id, marker) => { if (drawn(viewer, id)) viewer.get('canvas').addMarker(id, marker); };
  const differences = [];
  const tell = (kind, id, more = []) => {
    differences.push({ kind, id, name: nameOf(id), details: more });
    mark(old, id, `diff-${kind}`);
    mark(fresh, id, `diff-${kind}`);
  };
  const shapes = (ids) => Object.keys(ids).filter((id) => drawn(old, id) || drawn(fresh, id));
  shapes(found._added).forEach((id) => tell('added', id));
  shapes(found._removed).forEach((id) => tell('removed', id));
  for (const id of Object.keys(found._changed)) {
    const more = details(id, found._changed[id].attrs ?? {}, old, fresh);
    if (more.length) tell('changed', id, more);
  }
  shapes(found._layoutChanged).filter((id) => !differences.some((each) => each.id === id)).forEach((id) => tell('moved', id));
  const synced = (from, to) => from.on('canvas.viewbox.changed', ({ viewbox: { x, y, width, height } }) => {
    const now = to.get('canvas').viewbox();
    if (Math.abs(now.x - x) + Math.abs(now.y - y) + Math.abs(now.width - width) > 1) to.get('canvas').viewbox({ x, y, width, height });
  });
  if (before) {
    synced(fresh, old);
    synced(old, fresh);
  }
  return {
    differences,
    show({ id }) {
      const viewer = drawn(fresh, id) ? fresh : old;
      viewer.get('canvas').scrollToElement(id, 100);
      for (const each of [old, fresh]) {
        each.get('elementRegistry').forEach((element) => each.get('canvas').removeMarker(element, 'diff-shown'));
        mark(each, id, 'diff-shown');
      }
    },
  };
}
