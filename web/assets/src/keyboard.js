// Single keys that act on the whole page; they keep silent while somebody types or a dialog is open.
const actions = new Map();

/** Let `key` do `action` whenever nobody is typing. */
export function bind(key, action) {
  actions.set(key, action);
}

/** How long one may think between the first key of a pair and the second. */
const PAIR = 1500;
const pairs = new Map();
let waiting = null;

/** Let `first`, followed by any other key, do `action(key)`. */
export function bindAfter(first, action) {
  pairs.set(first, action);
}

function second(event) {
  if (!waiting) return false;
  const { action, until } = waiting;
  waiting = null;
  return event.timeStamp < until && action(event.key) !== false;
}

const typing = (target) => target instanceof Element
  && (target.closest('input:not([type="checkbox"]), textarea, select, [contenteditable="true"]') || target.closest('dialog[open]'));

export function initKeyboard() {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector('dialog[open]') || (typing(event.target) && event.key !== 'Escape')) return;
    if (second(event)) { event.preventDefault(); return; }
    if (pairs.has(event.key)) waiting = { action: pairs.get(event.key), until: event.timeStamp + PAIR };
    const action = actions.get(event.key);
    if (action && action(event) !== false) event.preventDefault();
  });
}
