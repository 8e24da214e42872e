// Copies of what was typed, kept in this browser until the server has it; for each person and task one that is being
// written, and those of earlier visits that nobody has decided on yet.
// In IndexedDB, which writes to the disk at once: what localStorage holds gets there up to minutes later, and a browser
// that is killed before has lost it. Only a page that goes away has no time for it: what it leaves goes to localStorage,
// which the browser still writes, and from there to the others at the next visit.
const NAME = 'bihuan';
const STORE = 'typed';
const KEPT_DAYS = 7;
const MOST = 3;

const person = () => `${document.body.dataset.person}:`;
const keyOf = (task) => `${person()}${task}`;
const asideOf = (task) => `${keyOf(task)}:aside`;
const LEFT = 'bihuan:left:';
const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

let opened;
function database() {
  if (!opened) {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    opened = done(asked);
  }
  return opened;
}

/** Do `act` with the store; a full or forbidden store is no reason to disturb anybody: the server's draft remains. */
async function withStore(act) {
  try {
    const transaction = (await database()).transaction(STORE, 'readwrite', { durability: 'strict' });
    const result = await act(transaction.objectStore(STORE));
    transaction.commit?.();
    return result;
  } catch {
    return undefined;
  }
}

/** What a page left when it went away, as a list of at most one. */
function leftBehind(task) {
  try {
    return [JSON.parse(localStorage.getItem(LEFT + keyOf(task)))].filter(Boolean);
  } catch {
    return [];
  }
}

const clear = (task) => localStorage.removeItem(LEFT + keyOf(task));

/** Keep `pairs` as what is being typed for `task`. */
export const keep = (task, pairs) => withStore(async (store) => {
  await done(store.put([{ at: Date.now(), pairs }], keyOf(task)));
  clear(task);
});

/** Keep `pairs` for `task` at once: its page goes away. */
export function leave(task, pairs) {
  try {
    localStorage.setItem(LEFT + keyOf(task), JSON.stringify({ at: Date.now(), pairs }));
  } catch { /* a full or forbidden store: what was kept before remains */ }
}

/** Forget what is being typed for `task`: the server has it. */
export function forget(task) {
  clear(task);
  return withStore((store) => done(store.delete(keyOf(task))));
}

/** Forget everything of `task`: it was submitted. */
export function forgetAll(task) {
  clear(task);
  return withStore((store) => {
    store.delete(keyOf(task));
    return done(store.delete(asideOf(task)));
  });
}

/** Put what an earlier visit left of `task` aside, so that new typing does not write over it; return it, newest first. */
export const setAside = (task) => withStore(async (store) => {
  const kept = [...leftBehind(task), ...await done(store.get(keyOf(task))) ?? [], ...await done(store.get(asideOf(task))) ?? []];
  const left = [...new Map(kept.reverse().map((copy) => [JSON.stringify(copy.pairs), copy])).values()]
    .sort((one, other) => other.at - one.at).slice(0, MOST);
  clear(task);
  store.delete(keyOf(task));
  if (left.length) await done(store.put(left, asideOf(task)));
  return left;
});

/** Keep only `copies` of what was put aside for `task`. */
export const leaveAside = (task, copies) => withStore((store) => done(
  copies.length ? store.put(copies, asideOf(task)) : store.delete(asideOf(task)),
));

const old = ({ at }) => Date.now() - at > KEPT_DAYS * 86400000;

/** Forget what pages left behind, as far as `gone` says so of a key and what is kept under it. */
function sweepLeft(gone) {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(LEFT) && gone(key.slice(LEFT.length), JSON.parse(localStorage.getItem(key)))) localStorage.removeItem(key);
  }
}

/** Forget copies that are older than a week, whosever they are. */
export const sweep = () => withStore(async (store) => {
  sweepLeft((_, copy) => old(copy));
  const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
  values.forEach(([newest], index) => {
    if (!newest || old(newest)) store.delete(keys[index]);
  });
});

/** Forget everything that the signed-in person typed here: they sign out. */
export const erase = () => withStore((store) => {
  sweepLeft((key) => key.startsWith(person()));
  return done(store.delete(IDBKeyRange.bound(person(), `${person()}\uffff`)));
});
