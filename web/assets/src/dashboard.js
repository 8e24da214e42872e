// The dashboard's pictures: two monitored rates as bubbles, the sections as bars. Each has its table beside it in the page.
import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([BarChart, LineChart, ScatterChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

const FONT = '"Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif';
const INK = '#4f5a6d';
const LINE = '#e3e7ee';
const LIGHTS = { GREEN: '#2f8f46', YELLOW: '#e59c2f', RED: '#c4320a', BLUE: '#1556c4', '': '#8b95a7' };
/** Lights differ in shape too: colour never carries meaning alone. */
const SHAPES = { GREEN: 'circle', YELLOW: 'triangle', RED: 'diamond', BLUE: 'rect', '': 'emptyCircle' };
// The page's policy allows no style in markup, so that what the pointer shows is drawn and not HTML.
const BASE = { textStyle: { fontFamily: FONT, color: INK }, animation: false, aria: { enabled: false } };
const tip = (formatter) => ({ renderMode: 'richText', confine: true, formatter });
const axis = (name, more = {}) => ({
  name, nameTextStyle: { color: INK }, axisLabel: { color: INK }, splitLine: { lineStyle: { color: LINE } }, ...more,
});
const money = (value) => value.toLocaleString('zh-CN', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function scatter({ points, axes, lights, amount, other }) {
  const largest = Math.max(...points.map((point) => point.amount), 1);
  const series = [...lights, ['', other]].map(([code, name]) => ({
    name,
    type: 'scatter',
    symbol: SHAPES[code],
    itemStyle: { color: LIGHTS[code], opacity: 0.75 },
    symbolSize: (_, { data }) => 8 + 30 * Math.sqrt(data.point.amount / largest),
    data: points.filter((point) => point.light === code).map((point) => ({ value: [point.money, point.goal], point })),
  })).filter((one) => one.data.length);
  return {
    ...BASE,
    color: series.map((one) => one.itemStyle.color),
    grid: { left: 52, right: 28, top: 40, bottom: 44 },
    legend: { right: 8, top: 4, textStyle: { color: INK } },
    tooltip: tip(({ data: { point } }) => `${point.name}\n${point.unit}\n${axes[0]} ${point.money}\n${axes[1]} ${point.goal}\n${money(point.amount)} ${amount}`),
    xAxis: axis(axes[0], { nameLocation: 'middle', nameGap: 26, min: 0 }),
    yAxis: axis(axes[1], { nameLocation: 'end', min: 0 }),
    series,
  };
}

function sections({ rows, words, unit }) {
  const bar = (name, key, color) => ({ name, type: 'bar', barMaxWidth: 22, itemStyle: { color }, data: rows.map((row) => ({ value: row[key], point: row })) });
  return {
    ...BASE,
    grid: { left: 76, right: 52, top: 40, bottom: 32 },
    legend: { right: 8, top: 4, textStyle: { color: INK } },
    tooltip: tip(({ data: { point } }) => `${point.name}\n${words[0]} ${money(point.budget)} ${unit}\n${words[1]} ${money(point.spent)} ${unit}\n${words[2]} ${point.rate === null ? '—' : `${point.rate}%`}`),
    xAxis: { type: 'category', data: rows.map((row) => row.name), axisLabel: { color: INK, interval: 0, hideOverlap: true } },
    yAxis: [axis(''), axis('', { min: 0, axisLabel: { color: INK, formatter: '{value}%' }, splitLine: { show: false } })],
    series: [
      bar(words[0], 'budget', '#c9dbfb'),
      bar(words[1], 'spent', '#2767d6'),
      { name: words[2], type: 'line', yAxisIndex: 1, symbolSize: 8, itemStyle: { color: '#b36b00' }, data: rows.map((row) => ({ value: row.rate, point: row })) },
    ],
  };
}

const DRAWN = { scatter, sections };

/** Draw the figures of a chart's element; a click on a point leads to its rows. */
export function showChart(element) {
  const chart = init(element, null, { renderer: 'canvas' });
  chart.setOption(DRAWN[element.dataset.chart](JSON.parse(element.dataset.figures)));
  chart.on('click', ({ data }) => { if (data?.point?.href) location.assign(data.point.href); });
  new ResizeObserver(() => chart.resize()).observe(element);
}
