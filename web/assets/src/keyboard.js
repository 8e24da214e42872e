// Single keys that act on the whole page; they keep silent while somebody types or a dialog is open.
const actions = new Map();

/** Let `key` do `action` whenever nobody is typing. */
export function bind(key, action) {
  actions.set(key, action);
}

const typing = (target) => target instanceof Element
  && (target.closest('input:not([type="checkbox"]), textarea, select, [contenteditable="true"]') || target.closest('dialog[open]'));

export function initKeyboard() {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector('dialog[open]') || (typing(event.target) && event.key !== 'Escape')) return;
    const action = actions.get(event.key);
    if (action && action(event) !== false) event.preventDefault();
  });
}
