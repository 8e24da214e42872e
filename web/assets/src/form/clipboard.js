// What a spreadsheet puts on the clipboard, as a grid of texts. No DOM, so that it can be tested anywhere.

const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', ensp: ' ', emsp: ' ', ge: '≥', le: '≤', ne: '≠', times: '×', middot: '·', mdash: '—', ndash: '–', hellip: '…', permil: '‰', sup2: '²', deg: '°' };
const MAX_SPAN = 1000;
const MAX_CELLS = 100_000;

function decoded(text) {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{1,20}));?/gi, (whole, hex, decimal, name) => {
    if (name) return NAMED[name.toLowerCase()] ?? whole;
    const code = hex ? parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : '';
  });
}

function cellText(html) {
  return decoded(html
    .replace(/\s+/g, ' ')
    .replace(/<br[^>]*>|<\/(?:p|div|li)>/gi, '\n')
    .replace(/<[^>]*>/g, ''))
    .replace(/[ \u00a0]+/g, ' ')
    .split('\n').map((line) => line.trim()).join('\n')
    .trim();
}

const span = (attributes, name) => {
  const found = new RegExp(`\\b${name}\\s*=\\s*["']?\\s*(\\d+)`, 'i').exec(attributes);
  return found ? Math.min(Math.max(Number(found[1]), 1), MAX_SPAN) : 1;
};

/**
 * Read the first table of a clipboard's HTML.
 *
 * Returns rows of `{ text, merged }`: a cell that spans rows is repeated below (`merged` is true there), one that spans
 * columns is empty to the right. Returns null when there is no table.
 */
export function gridOfHtml(html) {
  const clean = html.replace(/<!--[\s\S]*?-->/g, '').replace(/<(style|script|head)\b[\s\S]*?<\/\1\s*>/gi, '');
  const table = /<table\b[^>]*>([\s\S]*?)(?:<\/table\s*>|$)/i.exec(clean);
  if (!table) return null;
  const rows = table[1].split(/<tr\b[^>]*>/i).slice(1);
  const grid = [];
  let count = 0;
  const at = (row, column) => {
    while (grid.length <= row) grid.push([]);
    return grid[row][column];
  };
  rows.forEach((row, number) => {
    let column = 0;
    at(number, 0);
    for (const [, attributes, inner] of row.matchAll(/<t[dh]\b([^>]*)>([\s\S]*?)(?=<t[dh]\b|<\/t[dh]\s*>|<\/tr|$)/gi)) {
      while (at(number, column) !== undefined) column += 1;
      const text = cellText(inner);
      const wide = span(attributes, 'colspan');
      const high = Math.min(span(attributes, 'rowspan'), rows.length - number);
      count += wide * high;
      if (count > MAX_CELLS) return;
      for (let down = 0; down < high; down += 1) {
        for (let right = 0; right < wide; right += 1) {
          at(number + down, column + right);
          grid[number + down][column + right] = { text: right ? '' : text, merged: down > 0 };
        }
      }
      column += wide;
    }
  });
  const width = Math.max(0, ...grid.map((row) => row.length));
  return grid.map((row) => Array.from({ length: width }, (_, column) => row[column] ?? { text: '', merged: false }));
}

/** Read tab-separated text as a spreadsheet writes it: a cell with line breaks or tabs is in quotation marks. */
export function gridOfText(text) {
  const grid = [[]];
  const plain = text.replace(/\r\n?/g, '\n').replace(/\n$/, '');
  let position = 0;
  let cells = 0;
  const push = (value) => {
    grid[grid.length - 1].push({ text: value.trim(), merged: false });
    cells += 1;
  };
  while (position <= plain.length && cells < MAX_CELLS) {
    const quoted = plain[position] === '"' ? /^"((?:[^"]|"")*)"(?=\t|\n|$)/.exec(plain.slice(position)) : null;
    let end;
    if (quoted) {
      push(quoted[1].replace(/""/g, '"'));
      end = position + quoted[0].length;
    } else {
      end = plain.slice(position).search(/[\t\n]/);
      end = end < 0 ? plain.length : position + end;
      push(plain.slice(position, end));
    }
    if (end >= plain.length) break;
    if (plain[end] === '\n') grid.push([]);
    position = end + 1;
  }
  const width = Math.max(...grid.map((row) => row.length));
  return grid.map((row) => Array.from({ length: width }, (_, column) => row[column] ?? { text: '', merged: false }));
}
