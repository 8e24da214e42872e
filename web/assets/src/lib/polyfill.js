// What the bundled libraries call and Chromium 86 does not have; the bundler lowers syntax, never these.
const add = (owner, name, value) => {
  if (!owner[name]) Object.defineProperty(owner, name, { value, writable: true, configurable: true });
};
const at = function at(index) {
  const position = Math.trunc(index) || 0;
  return this[position < 0 ? this.length + position : position];
};
add(Object, 'hasOwn', (object, key) => Object.prototype.hasOwnProperty.call(object, key));
add(Array.prototype, 'at', at);
add(String.prototype, 'at', at);
add(Array.prototype, 'findLast', function findLast(test) { return this.slice().reverse().find(test); });
add(globalThis, 'structuredClone', (value) => JSON.parse(JSON.stringify(value)));
