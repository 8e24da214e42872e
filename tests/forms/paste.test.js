// Pasting from a spreadsheet, on what Excel and WPS really put on the clipboard.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gridOfHtml, gridOfText } from '../../web/assets/src/form/clipboard.js';
import { money, narrow, plainNumber, shifted } from '../../web/assets/src/form/numbers.js';
import { combined, header, optionValue, plan, splitTarget } from '../../web/assets/src/form/paste.js';

const column = (key, label, more = {}) => ({ key, label, type: 'textfield', paste: '', fill: false, money: '', headers: [], options: [], ...more });
const LEVEL1 = [['OUTPUT', '产出指标', '产出指标', '产出'], ['BENEFIT', '效益指标', '效益指标', '效益'], ['SATISFACTION', '满意度指标', '满意度指标']];
const LEVEL2 = [['QUANTITY', '数量指标', '数量指标'], ['QUALITY', '质量指标', '质量指标'], ['COST', '成本指标', '成本指标'], ['SOCIAL', '社会效益指标', '社会效益指标', '社会']];
const OPERATORS = [['GE', '≥', '≥', '大于等于', '不低于'], ['LE', '≤', '≤'], ['EQ', '=', '='], ['GT', '>', '>'], ['LT', '<', '<'], ['RANGE', '区间', '区间'], ['QUAL', '定性', '定性']];
const INDICATORS = [
  column('level1', '一级指标', { type: 'select', fill: true, options: LEVEL1 }),
  column('level2', '二级指标', { type: 'select', fill: true, options: LEVEL2 }),
  column('name', '三级指标', { headers: ['指标名称'] }),
  column('operator', '比较符', { type: 'select', paste: 'operator', options: OPERATORS }),
  column('value', '年度指标值', { paste: 'value' }),
  column('value_max', '上限', { type: 'number' }),
  column('unit', '计量单位', { paste: 'unit' }),
  column('points', '分值', { type: 'number' }),
];
const EXPENSES = [
  column('name', '支出内容'),
  column('amount', '金额', { type: 'number', money: '万元' }),
  column('day', '日期', { type: 'datetime' }),
];

test('targets are split as people write them', () => {
  const cases = {
    '≥95%': ['GE', '95', '%'],
    '≧９５％': ['GE', '95', '%'],
    '>= 95 %': ['GE', '95', '%'],
    '不低于95%': ['GE', '95', '%'],
    '95%以上': ['GE', '95', '%'],
    '95％及以上': ['GE', '95', '%'],
    '≤5万元/公里': ['LE', '5', '万元/公里'],
    '不超过1,200户': ['LE', '1200', '户'],
    '3天以内': ['LE', '3', '天'],
    '＝100%': ['EQ', '100', '%'],
    '100': ['', '100', ''],
    '12.5公里': ['', '12.5', '公里'],
    '11月30日前': ['LE', '11月30日', ''],
    '2026-11-30': ['LE', '2026-11-30', ''],
    '明显改善': ['QUAL', '明显改善', ''],
    '1e400': ['', '1e400', ''],
    '': ['QUAL', '', ''],
  };
  for (const [text, [operator, value, unit]] of Object.entries(cases)) {
    const found = splitTarget(text);
    assert.deepEqual([found.operator, found.value, found.unit], [operator, value, unit], text);
  }
  assert.deepEqual(splitTarget('90%-95%'), { operator: 'RANGE', value: '90', max: '95', unit: '%' });
  assert.deepEqual(splitTarget('80～90分'), { operator: 'RANGE', value: '80', max: '90', unit: '分' });
  assert.equal(splitTarget('-5').value, '-5');
});

test('only what says operator or unit with its number is combined', () => {
  assert.deepEqual(['≥95%', '95%', '12公里', '95', '明显改善', ''].map(combined), [true, true, true, false, false, false]);
});

test('numbers are plain digits whatever their width and separators', () => {
  assert.equal(plainNumber('１，２３４．５０'), '1234.50');
  assert.equal(plainNumber('1 234 567'), '1234567');
  assert.equal(plainNumber('−0.0'), '0.0');
  assert.equal(plainNumber('007'), '7');
  for (const text of ['12,34', '1e5', 'abc', '', '1.2.3', '9'.repeat(80)]) assert.equal(plainNumber(text), null, text);
  assert.equal(narrow('Ａ（甲）　乙'), 'A(甲) 乙');
});

test('amounts are shifted exactly and rounded half up', () => {
  assert.equal(shifted('12345678.91', 4, 2), '1234.57');
  assert.equal(shifted('50', 4, 2), '0.01');
  assert.equal(shifted('49', 4, 2), '0.00');
  assert.equal(shifted('-12350', 4, 2), '-1.24');
  assert.equal(shifted('99999999999999999950', 4, 2), '10000000000000000.00');
  assert.equal(money('1234567.5'), '1,234,567.50');
  assert.equal(money('-1000'), '-1,000.00');
  assert.equal(money('0.125'), '0.125');
});

test('tab-separated text keeps line breaks and quotation marks inside of cells', () => {
  const grid = gridOfText('甲\t"第一行\n第二""行"\t\r\n乙\t1,200\r\n');
  assert.deepEqual(grid.map((row) => row.map((cell) => cell.text)), [['甲', '第一行\n第二"行', ''], ['乙', '1,200', '']]);
});

test('a table from Excel is read with merged cells filled down', () => {
  const html = `<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><style><!--td{mso-number-format:"\\@";}--></style></head><body><!--StartFragment-->
    <table border=0><col width=72><tr height=19><td rowspan=3 class=xl65>产出指标</td><td rowspan="2">数量<br>  指标</td><td>新建&nbsp;公路</td><td>&ge;12.5公里</td></tr>
    <tr><td>改造&lt;户&gt;</td><td>≥1,260户</td></tr><tr><td>质量指标</td><td colspan=2>验收合格率</td></tr></table></body></html>`;
  const grid = gridOfHtml(html);
  assert.deepEqual(grid.map((row) => row.map((cell) => cell.text)), [
    ['产出指标', '数量\n指标', '新建 公路', '≥12.5公里'],
    ['产出指标', '数量\n指标', '改造<户>', '≥1,260户'],
    ['产出指标', '质量指标', '验收合格率', ''],
  ]);
  assert.equal(grid[1][0].merged, true);
  assert.equal(gridOfHtml('<p>no table</p>'), null);
});

// What grows with the square of these sizes would take hours.
test('hostile clipboards end', { timeout: 120_000 }, () => {
  gridOfHtml(`<table><tr>${'<td rowspan=999999999 colspan=999999999>x'.repeat(50)}`);
  gridOfHtml('<table><tr>'.repeat(20000));
  gridOfHtml('<'.repeat(200000));
  gridOfText('"'.repeat(200000));
  gridOfText('\t'.repeat(500000));
});

test('labels and aliases are understood, with or without 指标', () => {
  assert.equal(optionValue(LEVEL1, '产出'), 'OUTPUT');
  assert.equal(optionValue(LEVEL1, ' 产出 指标 '), 'OUTPUT');
  assert.equal(optionValue(LEVEL2, '数量'), 'QUANTITY');
  assert.equal(optionValue(LEVEL2, '社会效益'), 'SOCIAL');
  assert.equal(optionValue(LEVEL2, 'QUALITY'), 'QUALITY');
  assert.equal(optionValue(LEVEL2, '天气'), null);
});

const paste = (text, columns, settings) => plan(gridOfText(text), columns, settings);

test('a header maps the columns, in any order', () => {
  const found = paste('序号\t三级指标\t一级指标\t*二级指标\t指标值\n1\t公路里程\t产出\t数量\t≥12.5公里\n2\t合格率\t\t质量\t＝100％', INDICATORS);
  assert.equal(found.headed, true);
  assert.deepEqual(found.rows, [
    { name: '公路里程', level1: 'OUTPUT', level2: 'QUANTITY', value: '12.5', operator: 'GE', unit: '公里' },
    { name: '合格率', level1: 'OUTPUT', level2: 'QUALITY', value: '100', operator: 'EQ', unit: '%' },
  ]);
  assert.deepEqual(found.problems, []);
});

test('a header of two rows is recognised', () => {
  const grid = gridOfHtml('<table><tr><td rowspan=2>一级指标</td><td rowspan=2>二级指标</td><td rowspan=2>三级指标</td><td colspan=2>指标值</td></tr><tr><td>年度指标值</td><td>计量单位</td></tr><tr><td>产出</td><td>数量</td><td>里程</td><td>12</td><td>公里</td></tr></table>');
  assert.equal(header(grid, INDICATORS).rows, 2);
  assert.deepEqual(plan(grid, INDICATORS).rows, [{ level1: 'OUTPUT', level2: 'QUANTITY', name: '里程', value: '12', unit: '公里' }]);
});

test('without a header the columns follow the cell where somebody pasted', () => {
  const found = paste('里程\t≥12.5公里\t10\n长度\t≤8600米\t5', INDICATORS, { start: 2 });
  assert.equal(found.headed, false);
  assert.deepEqual(found.rows[0], { name: '里程', value: '12.5', operator: 'GE', unit: '公里', points: '10' });
  assert.deepEqual(found.rows[1], { name: '长度', value: '8600', operator: 'LE', unit: '米', points: '5' });
});

test('a target is never put into a column of choices that it is none of', () => {
  const columns = [...INDICATORS];
  columns.splice(3, 0, column('nature', '性质', { type: 'select', options: [['QUANT', '定量', '定量'], ['QUAL', '定性', '定性']] }));
  assert.deepEqual(paste('产出\t数量\t里程\t≥12.5公里', columns).rows[0], { level1: 'OUTPUT', level2: 'QUANTITY', name: '里程', operator: 'GE', value: '12.5', unit: '公里' });
  assert.deepEqual(paste('产出\t数量\t里程\t定量\t≥12.5公里', columns).rows[0].nature, 'QUANT');
});

test('a number with an exponent is marked, it is no measure and no quality', () => {
  const found = paste('三级指标\t指标值\n里程\t1e400', INDICATORS);
  assert.deepEqual(found.rows, [{ name: '里程', value: '1e400' }]);
  assert.deepEqual(found.problems, [{ row: 0, key: 'value', text: '1e400' }]);
});

test('groups are filled down, sum rows and empty rows are left out', () => {
  const found = paste('产出指标\t数量指标\t甲\n\t\t乙\n\t质量指标\t丙\n\t\t\n合计\t\t\n', INDICATORS);
  assert.deepEqual(found.rows.map((row) => [row.level1, row.level2, row.name]), [
    ['OUTPUT', 'QUANTITY', '甲'], ['OUTPUT', 'QUANTITY', '乙'], ['OUTPUT', 'QUALITY', '丙'],
  ]);
  assert.equal(found.skipped, 2);
});

test('what cannot be understood is marked and left as it was', () => {
  const found = paste('一级指标\t二级指标\t三级指标\t分值\n天气\t数量\t甲\t十分', INDICATORS);
  assert.deepEqual(found.problems, [{ row: 0, key: 'level1', text: '天气' }, { row: 0, key: 'points', text: '十分' }]);
  assert.deepEqual(found.rows[0], { level1: '', level2: 'QUANTITY', name: '甲', points: '十分' });
  assert.deepEqual(paste('一级指标\t三级指标\t附注\n产出\t甲\tx', INDICATORS).unmapped, ['附注']);
});

test('amounts in 元 are offered as 万元, by header, by unit, by size', () => {
  assert.equal(paste('支出内容\t金额（元）\n工程费\t1,250,000', EXPENSES).yuan, 'header');
  assert.equal(paste('支出内容\t金额（万元）\n工程费\t1,250,000', EXPENSES).yuan, '');
  assert.equal(paste('工程费\t1250000元\n监理费\t5000元', EXPENSES).yuan, 'unit');
  assert.equal(paste('工程费\t1250000\n监理费\t80000', EXPENSES).yuan, 'size');
  assert.equal(paste('工程费\t125\n监理费\t8', EXPENSES).yuan, '');
  const text = '支出内容\t金额（元）\t日期\n工程费\t1,250,055\t2026/3/1\n监理费\t￥x\t2026年12月31日';
  assert.deepEqual(paste(text, EXPENSES, { yuan: true }).rows, [
    { name: '工程费', amount: '125.01', day: '2026-03-01' },
    { name: '监理费', amount: '￥x', day: '2026-12-31' },
  ]);
  assert.equal(paste(text, EXPENSES).rows[0].amount, '1250055');
});

test('five hundred rows are planned, the last as well as the first', () => {
  const text = Array.from({ length: 500 }, (_, index) => `产出\t数量\t指标${index}\t≥${index}公里`).join('\n');
  const { rows } = paste(text, INDICATORS);
  assert.equal(rows.length, 500);
  assert.match(JSON.stringify(rows[499]), /指标499.*"499"/);
});
