// Numbers as people type and paste them: the same rules as forms/numbers.py, on texts, so that nothing is rounded.

const FULL = /[\uff01-\uff5e]/g;
const SIGNS = { '\u2212': '-', '\u2013': '-', '\u2014': '-', '\u3001': ',', '\u3002': '.', '\u2019': ',' };

/** Replace full-width characters by the usual ones and runs of blanks by one. */
export function narrow(text) {
  return text
    .replace(FULL, (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0))
    .replace(/[\s\u3000]+/g, ' ')
    .trim();
}

/** The number that `text` says as plain digits (`-1200.5`), or null. */
export function plainNumber(text) {
  const found = narrow(text).replace(/[\u2212\u2013\u2014\u3001\u3002\u2019]/g, (character) => SIGNS[character]);
  if (found.length > 60) return null;
  const digits = /^[+-]?\d{1,3}(?:[, ]\d{3})+(?:\.\d*)?$/.test(found) ? found.replace(/[, ]/g, '') : found;
  if (!/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/.test(digits)) return null;
  const [, sign, whole, part] = /^([+-]?)0*(\d*)\.?(\d*)$/.exec(digits);
  const value = (whole || '0') + (part ? `.${part}` : '');
  return sign === '-' && /[1-9]/.test(value) ? `-${value}` : value;
}

/** A plain number with its point moved by `places` to the left and rounded half up to `digits` places. */
export function shifted(number, places, digits) {
  const negative = number.startsWith('-');
  const [whole, part = ''] = number.replace('-', '').split('.');
  const all = whole.padStart(places + 1, '0') + part;
  const point = all.length - part.length - places;
  const kept = all.slice(0, point) + all.slice(point, point + digits).padEnd(digits, '0');
  const up = Number(all[point + digits] || '0') >= 5 ? 1n : 0n;
  const rounded = (BigInt(kept) + up).toString().padStart(digits + 1, '0');
  const text = digits ? `${rounded.slice(0, -digits)}.${rounded.slice(-digits)}` : rounded;
  return negative && /[1-9]/.test(text) ? `-${text}` : text;
}

/** A plain number with thousands separators and at least two places, as amounts are shown. */
export function money(number) {
  const negative = number.startsWith('-');
  const [whole, part = ''] = number.replace('-', '').split('.');
  const places = part.replace(/0+$/, '').padEnd(2, '0');
  return `${negative ? '-' : ''}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${places}`;
}
