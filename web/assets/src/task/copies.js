// Copies of what was typed, kept in this browser until the server has it; for each person and task one that is being
// written, and those of earlier visits that nobody has decided on yet.
// In IndexedDB, which writes to the disk at once: what localStorage holds gets there up to minutes later, and a browser
// that is killed before has lost it.
const NAME = 'bihuan';
const STORE = 'typed';
const KEPT_DAYS = 7;
const MOST = 3;

const person = () => `${document.body.dataset.person}:`;
const keyOf = (task) => `${person()}${task}`;
const asideOf = (task) => `${keyOf(task)}:aside`;
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

/** Keep `pairs` as what is being typed for `task`. */
export const keep = (task, pairs) => withStore((store) => done(store.put([{ at: Date.now(), pairs }], keyOf(task))));

/** Forget what is being typed for `task`: the server has it. */
export const forget = (task) => withStore((store) => done(store.delete(keyOf(task))));

/** Forget everything of `task`: it was submitted. */
export const forgetAll = (task) => withStore((store) => {
  store.delete(keyOf(task));
  return done(store.delete(asideOf(task)));
});

/** Put what an earlier visit left of `task` aside, so that new typing does not write over it; return it, newest first. */
export const setAside = (task) => withStore(async (store) => {
  const left = [...await done(store.get(keyOf(task))) ?? [], ...await done(store.get(asideOf(task))) ?? []].slice(0, MOST);
  store.delete(keyOf(task));
  if (left.length) await done(store.put(left, asideOf(task)));
  return left;
});

/** Keep only `copies` of what was put aside for `task`. */
export const leaveAside = (task, copies) => withStore((store) => done(
  copies.length ? store.put(copies, asideOf(task)) : store.delete(asideOf(task)),
));

/** Forget copies that are older than a week, whosever they are. */
export const sweep = () => withStore(async (store) => {
  const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
  values.forEach(([newest], index) => {
    if (!newest || Date.now() - newest.at > KEPT_DAYS * 86400000) store.delete(keys[index]);
  });
});

/** Forget everything that the signed-in person typed here: they sign out. */
export const erase = () => withStore((store) => done(store.delete(IDBKeyRange.bound(person(), `${person()}\uffff`))));
