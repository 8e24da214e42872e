// Copies of what was typed, kept in this browser until the server has it; one for each person and task.
const PREFIX = 'bihuan:typed:';
const KEPT_DAYS = 7;

const keyOf = (task) => `${PREFIX}${document.body.dataset.person}:${task}`;

/** Keep `pairs` for `task`; a full or forbidden store is no reason to disturb anybody. */
export function keep(task, pairs) {
  try {
    localStorage.setItem(keyOf(task), JSON.stringify({ at: Date.now(), pairs }));
  } catch { /* private mode, or the store is full: the server's draft remains */ }
}

/** The copy of `task`, or null. */
export function kept(task) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(task)));
  } catch {
    return null;
  }
}

/** Forget the copy of `task`. */
export function forget(task) {
  try {
    localStorage.removeItem(keyOf(task));
  } catch { /* nothing was kept then */ }
}

/** Forget copies that are older than a week. */
export function sweep() {
  try {
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
      const { at } = JSON.parse(localStorage.getItem(key)) ?? {};
      if (!at || Date.now() - at > KEPT_DAYS * 86400000) localStorage.removeItem(key);
    }
  } catch { /* as above */ }
}
