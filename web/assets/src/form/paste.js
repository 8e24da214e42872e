// From a pasted grid to the rows of a table: headers, combined targets, labels, amounts. Pure functions.
import { narrow, plainNumber, shifted } from './numbers.js';

const SIGNS = [
  ['GE', /^(?:>=|≥|≧|⩾|=>|大于等于|大于或等于|不低于|不少于|不小于|至少|达到)/],
  ['LE', /^(?:<=|≤|≦|⩽|=<|小于等于|小于或等于|不高于|不超过|不多于|不大于|至多|控制在)/],
  ['GT', /^(?:>|大于|高于|超过|多于)/],
  ['LT', /^(?:<|小于|低于|少于)/],
  ['EQ', /^(?:==?|等于)/],
];
const AFTER = [['GE', /(?:及?以上|或以上|\+)$/], ['LE', /(?:及?以下|以内|之内|或以下)$/], ['LE', /(?:之?前|底前|前完成)$/]];
const NUMBER = String.raw`[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?`;
const RANGE = new RegExp(`^(${NUMBER})\\s*([^\\d\\s~至到-]{0,12})\\s*(?:-|~|～|至|到|—|–)\\s*(${NUMBER})\\s*(.{0,20})$`);
const MEASURE = new RegExp(`^(${NUMBER})\\s*(\\D.{0,20})?$`);
const DATE = /^(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日|底|末|中旬|上旬|下旬)?$|^\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?$/;
const TOTAL = /^(?:合计|总计|小计|共计|total|sum)[:：]?$/i;
const NUMBERING = /^(?:序号|编号|no\.?|#)$/i;
const YUAN_FROM = 10_000;
// A spreadsheet's way of writing a number that is too long for its cell.
const EXPONENT = /^[+-]?\d+(?:\.\d+)?e[+-]?\d+$/i;

/** The comparable form of a label: without blanks, stars, brackets with units, and case. */
export function bare(text) {
  return narrow(String(text ?? '')).replace(/[（(][^（()）]*[)）]/g, '').replace(/[\s*:：]/g, '').toLowerCase();
}

/**
 * Split a target as people write it: `≥95%` → `{ operator: 'GE', value: '95', unit: '%' }`.
 *
 * A range has `max` too. What is no number is text of quality: operator `QUAL`, or `LE` for a date ("11月30日前").
 * A plain number has no operator: that is for the reader to choose.
 */
export function splitTarget(text) {
  let rest = narrow(text);
  let operator = '';
  for (const [sign, pattern] of SIGNS) {
    const found = pattern.exec(rest);
    if (found) {
      operator = sign;
      rest = rest.slice(found[0].length).trim();
      break;
    }
  }
  if (!operator) {
    for (const [sign, pattern] of AFTER) {
      const shorter = rest.replace(pattern, '').trim();
      if (shorter !== rest && (RANGE.test(shorter) || MEASURE.test(shorter) || DATE.test(shorter))) {
        operator = sign;
        rest = shorter;
        break;
      }
    }
  }
  if (DATE.test(rest)) return { operator: operator || 'LE', value: rest, unit: '' };
  const range = operator ? null : RANGE.exec(rest);
  if (range) {
    return { operator: 'RANGE', value: plainNumber(range[1]), max: plainNumber(range[3]), unit: (range[4] || range[2] || '').trim() };
  }
  if (EXPONENT.test(rest)) return { operator, value: rest, unit: '' };
  const measure = MEASURE.exec(rest);
  if (measure) return { operator, value: plainNumber(measure[1]), unit: (measure[2] || '').trim() };
  return { operator: operator || 'QUAL', value: rest || narrow(text), unit: '' };
}

/** Whether a text says operator or unit together with its number. */
export function combined(text) {
  const found = splitTarget(text);
  return found.operator !== 'QUAL' && Boolean(found.operator || found.unit);
}

/** The value of the option that `text` names by value, label or alias, or null. */
export function optionValue(options, text) {
  const wanted = bare(text);
  if (!wanted) return '';
  const names = (option) => option.map(bare);
  const short = (name) => name.replace(/指标$/, '');
  const found = options.find((option) => names(option).includes(wanted))
    ?? options.find((option) => names(option).map(short).includes(short(wanted)))
    ?? options.find((option) => option[0] && narrow(text) === option[0]);
  return found ? found[0] : null;
}

/** The value of the operator column that means `sign`. */
function operatorValue(column, sign) {
  const SYMBOLS = { GE: ['GE', '≥', '>='], LE: ['LE', '≤', '<='], GT: ['GT', '>'], LT: ['LT', '<'], EQ: ['EQ', '='], RANGE: ['RANGE', '区间', '范围'], QUAL: ['QUAL', '定性'] };
  for (const symbol of SYMBOLS[sign] ?? []) {
    const found = column.options.find((option) => option.some((name) => narrow(name) === narrow(symbol)));
    if (found) return found[0];
  }
  return null;
}

/** Which column a header's text means, or -1; `-2` stands for a running number. */
function headed(text, columns) {
  const wanted = bare(text);
  if (!wanted) return -1;
  if (NUMBERING.test(wanted)) return -2;
  const names = columns.map((column) => [column.label, ...column.headers].map(bare));
  const exact = names.findIndex((some) => some.includes(wanted));
  if (exact >= 0) return exact;
  const value = columns.findIndex((column) => column.paste === 'value');
  if (value >= 0 && /^(?:年度)?(?:指标值|目标值)(?:及单位)?$/.test(wanted)) return value;
  return names.findIndex((some) => some.some((name) => name.length > 1 && (name.startsWith(wanted) || wanted.startsWith(name))));
}

/** Find the header: `{ rows, mapping }` with the number of rows that it takes, or null. */
export function header(grid, columns) {
  let best = null;
  const limit = Math.min(3, grid.length - 1);
  for (let rows = 1; rows <= limit; rows += 1) {
    const mapping = grid[0].map((_, position) => {
      for (let row = rows - 1; row >= 0; row -= 1) {
        const found = headed(grid[row][position].text, columns);
        if (found !== -1) return found;
      }
      return -1;
    });
    const used = new Set();
    const unique = mapping.map((column) => {
      if (column < 0 || used.has(column)) return column === -2 ? -2 : -1;
      used.add(column);
      return column;
    });
    const filled = grid[rows - 1].filter((cell) => cell.text).length;
    const hits = unique.filter((column) => column !== -1).length;
    if (hits >= Math.max(2, Math.ceil(filled / 2)) && hits > (best?.hits ?? 0)) best = { rows, mapping: unique, hits };
  }
  return best;
}

const running = (grid, position) => grid.length > 1
  && grid.every((row, index) => plainNumber(row[position].text) === String(index + Number(grid[0][position].text)));

/** Whether targets can't belong to a column: it takes the sign only, or one of other choices. */
const strange = (column, texts) => column.paste === 'operator'
  || (column.options.length > 0 && !texts.some((text) => optionValue(column.options, text)));

/** Map positions to columns by their order, from the column where somebody pasted. */
function ordered(grid, columns, start) {
  const width = grid[0].length;
  const value = columns.findIndex((one) => one.paste === 'value');
  const unit = columns.findIndex((one) => one.paste === 'unit');
  const mapping = [];
  let column = start;
  for (let position = 0; position < width; position += 1) {
    const texts = grid.map((row) => row[position].text).filter(Boolean);
    if (position === 0 && width > 1 && columns[start]?.type !== 'number' && running(grid, position)) {
      mapping.push(-2);
      continue;
    }
    const together = texts.length > 0 && texts.filter(combined).length * 2 > texts.length;
    if (together && value >= column && strange(columns[column], texts)) {
      mapping.push(value);
      column = Math.max(column, value, unit) + 1;
      continue;
    }
    mapping.push(column < columns.length ? column : -1);
    column += 1;
  }
  return mapping;
}

/** Whether the amounts under a header, or by their size, look like 元 where the column is in 万元. */
function looksLikeYuan(heading, texts) {
  const unit = /[（(]\s*(万元|元)\s*[)）]/.exec(heading);
  if (unit) return unit[1] === '元' ? 'header' : '';
  const numbers = texts.map(plainNumber).filter((number) => number !== null && Number(number) !== 0);
  if (texts.some((text) => /[^万亿]元$/.test(narrow(text)))) return 'unit';
  const sizes = numbers.map((number) => Math.abs(Number(number))).sort((a, b) => a - b);
  return sizes.length && sizes[Math.floor(sizes.length / 2)] >= YUAN_FROM ? 'size' : '';
}

const asAmount = (text) => plainNumber(narrow(text).replace(/(?:万元|元)$/, ''));

/**
 * Plan what a paste would do, without doing it.
 *
 * `columns` are the table's, as the page has them; `start` is the column of the cell where somebody pasted; with `yuan`
 * amounts of 万元 columns are taken as 元. Returns `rows` (values by column key), `problems` (row, key, text: what could
 * not be understood and is left as typed), `yuan` (why amounts look like 元, or empty), `headed`, `skipped` (sum rows and
 * empty ones) and `unmapped` (headings, or numbers of columns, that the table has no place for).
 */
export function plan(grid, columns, { start = 0, yuan = false } = {}) {
  const found = header(grid, columns);
  const headings = grid[0].map((_, position) => grid.slice(0, found?.rows ?? 0).map((row) => row[position].text).join(' '));
  const body = grid.slice(found?.rows ?? 0);
  const mapping = found ? found.mapping : ordered(body, columns, start);
  const value = columns.findIndex((column) => column.paste === 'value');
  const operator = columns.find((column) => column.paste === 'operator');
  const unit = columns.find((column) => column.paste === 'unit');
  const most = columns.find((column) => column.paste === 'max' || column.key === `${columns[value]?.key}_max`);
  const result = { rows: [], problems: [], yuan: '', headed: Boolean(found), skipped: 0, unmapped: [], keys: [] };
  mapping.forEach((column, position) => {
    if (column === -1 && body.some((row) => row[position].text)) result.unmapped.push(headings[position] || String(position + 1));
    const texts = body.map((row) => row[position].text).filter(Boolean);
    if (columns[column]?.money === '万元') result.yuan = result.yuan || looksLikeYuan(headings[position], texts);
  });
  const above = {};
  for (const cells of body) {
    const texts = cells.filter((cell) => cell.text);
    if (!texts.length || TOTAL.test(bare(texts[0].text))) {
      result.skipped += 1;
      continue;
    }
    const row = {};
    mapping.forEach((column, position) => {
      const target = columns[column];
      if (!target) return;
      let { text } = cells[position];
      if (target.fill) {
        if (!text) text = above[column] ?? '';
        above[column] = text;
      }
      if (column === value && text && combined(text) && (operator || unit)) {
        const parts = splitTarget(text);
        row[target.key] = parts.value;
        if (operator && parts.operator) row[operator.key] = operatorValue(operator, parts.operator) ?? row[operator.key] ?? '';
        if (unit && parts.unit) row[unit.key] = parts.unit;
        if (parts.max && most) row[most.key] = parts.max;
        return;
      }
      const number = result.rows.length;
      const understood = cell(target, text, yuan);
      if (understood.problem) result.problems.push({ row: number, key: target.key, text });
      if (understood.value !== '' || !(target.key in row)) row[target.key] = understood.value;
    });
    if (operator && value >= 0 && row[columns[value].key] && !row[operator.key] && plainNumber(row[columns[value].key]) === null && !EXPONENT.test(row[columns[value].key])) {
      row[operator.key] = operatorValue(operator, 'QUAL') ?? '';
    }
    result.rows.push(row);
  }
  result.keys = columns.map((column) => column.key).filter((key) => result.rows.some((row) => key in row));
  return result;
}

/** Understand one cell for its column: `{ value }`, or `{ value, problem: true }` with the text as it was. */
function cell(column, text, yuan) {
  if (!text) return { value: '' };
  if (column.paste === 'operator') {
    const sign = SIGNS.find(([, pattern]) => pattern.test(narrow(text)))?.[0];
    const named = optionValue(column.options, text) ?? (sign ? operatorValue(column, sign) : null);
    return named === null ? { value: '', problem: true } : { value: named };
  }
  if (column.options.length) {
    const chosen = optionValue(column.options, text);
    return chosen === null ? { value: '', problem: true } : { value: chosen };
  }
  if (column.type === 'number') {
    const number = column.money ? asAmount(text) : plainNumber(text);
    if (number === null) return { value: text, problem: true };
    return { value: column.money === '万元' && yuan ? shifted(number, 4, 2) : number };
  }
  if (column.type === 'datetime') {
    const date = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(narrow(text));
    return date ? { value: `${date[1]}-${date[2].padStart(2, '0')}-${date[3].padStart(2, '0')}` } : { value: '', problem: true };
  }
  if (column.type === 'checkbox') return { value: /^(?:是|有|√|✓|y|yes|true|1)$/i.test(narrow(text)) ? 'true' : '' };
  if (column.paste === 'value') return EXPONENT.test(narrow(text)) ? { value: text, problem: true } : { value: plainNumber(text) ?? text };
  return { value: column.type === 'textarea' ? text : text.replace(/\s*\n\s*/g, ' ') };
}
