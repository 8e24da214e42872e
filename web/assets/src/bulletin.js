// A bulletin for a group's chat: its text to the clipboard, and a picture of it drawn here.
import { one } from './lib/dom.js';
import { say } from './lib/strings.js';
import { toast } from './lib/toast.js';

const FONT = '"Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", sans-serif';
const WIDTH = 760;
const PAD = 28;
const LINE = 34;
const SCALE = 2;
const TONES = { late: '#c4320a', behind: '#8f5200', done: '#1f7330' };
/** Where the columns begin, and how they stand. */
const COLUMNS = [[PAD + 12, 'left'], [398, 'right'], [466, 'right'], [534, 'right'], [556, 'left']];
const NAME_WIDTH = 310;

/** Break a text into lines of a width; Chinese breaks anywhere but before a closing mark. */
function wrap(context, text, width) {
  const lines = [''];
  for (const character of text) {
    const longer = lines[lines.length - 1] + character;
    if (context.measureText(longer).width > width && !/[，。、；：！？）】》”]/.test(character)) lines.push(character);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

function shorten(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let short = text;
  while (short && context.measureText(`${short}…`).width > width) short = short.slice(0, -1);
  return `${short}…`;
}

/** Draw a bulletin: title, sentence, table, what is asked, who asks. */
export function draw(canvas, bulletin) {
  const context = canvas.getContext('2d');
  context.font = `15px ${FONT}`;
  const lead = wrap(context, bulletin.lead, WIDTH - 2 * PAD);
  const [closing, office] = [wrap(context, bulletin.foot[0], WIDTH - 2 * PAD), bulletin.foot[1]];
  const height = PAD + 44 + lead.length * 24 + 14 + (bulletin.rows.length + 1) * LINE + 18 + closing.length * 24 + 30 + PAD;
  canvas.width = WIDTH * SCALE;
  canvas.height = height * SCALE;
  context.setTransform(SCALE, 0, 0, SCALE, 0, 0);
  context.fillStyle = '#fff';
  context.fillRect(0, 0, WIDTH, height);
  context.textBaseline = 'middle';
  let y = PAD + 14;
  context.fillStyle = '#1d2433';
  context.font = `600 22px ${FONT}`;
  context.textAlign = 'center';
  context.fillText(shorten(context, bulletin.title, WIDTH - 2 * PAD), WIDTH / 2, y);
  y += 40;
  context.font = `15px ${FONT}`;
  context.textAlign = 'left';
  for (const line of lead) { context.fillText(line, PAD, y); y += 24; }
  y += 6;
  y = row(context, bulletin.head, y, { ground: '#1556c4', ink: '#fff', weight: '600' });
  bulletin.rows.forEach(({ cells, tone }, index) => {
    y = row(context, cells, y, { ground: index % 2 ? '#f3f5f9' : '#fff', ink: '#1d2433', tone: TONES[tone] });
  });
  context.strokeStyle = '#c6cdd9';
  context.strokeRect(PAD + 0.5, y - (bulletin.rows.length + 1) * LINE + 0.5, WIDTH - 2 * PAD - 1, (bulletin.rows.length + 1) * LINE - 1);
  y += 26;
  context.fillStyle = '#1d2433';
  context.font = `15px ${FONT}`;
  context.textAlign = 'left';
  for (const line of closing) { context.fillText(line, PAD, y); y += 24; }
  context.textAlign = 'right';
  context.fillText(office, WIDTH - PAD, y + 4);
}

function row(context, cells, y, { ground, ink, tone, weight = '400' }) {
  context.fillStyle = ground;
  context.fillRect(PAD, y, WIDTH - 2 * PAD, LINE);
  cells.forEach((cell, index) => {
    const [x, align] = COLUMNS[index];
    const marked = tone && index >= 3;
    context.fillStyle = marked ? tone : ink;
    context.font = `${marked ? '600' : weight} 15px ${FONT}`;
    context.textAlign = align;
    const text = index === 0 ? shorten(context, String(cell), NAME_WIDTH) : String(cell);
    context.fillText(text, x, y + LINE / 2);
  });
  return y + LINE;
}

/** Put a text on the clipboard; pages without a certificate have only the old way. */
async function copyText(area) {
  try {
    await navigator.clipboard.writeText(area.value);
    return true;
  } catch {
    area.focus();
    area.select();
    return document.execCommand('copy');
  }
}

const blobOf = (canvas) => new Promise((resolve) => { canvas.toBlob(resolve, 'image/png'); });

export async function initBulletin(root) {
  const bulletin = JSON.parse(root.dataset.bulletin);
  const canvas = one('canvas', root);
  await document.fonts.ready;
  draw(canvas, bulletin);
  one('[data-copy-text]', root).addEventListener('click', async () => {
    const done = await copyText(one('[data-bulletin-text]', root));
    toast(say(done ? 'copied' : 'copy_failed'), { error: !done });
  });
  const copy = one('[data-copy-picture]', root);
  copy.hidden = !(navigator.clipboard?.write && window.ClipboardItem);
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': await blobOf(canvas) })]);
      toast(say('copied'));
    } catch {
      toast(say('copy_failed'), { error: true });
    }
  });
  one('[data-save-picture]', root).addEventListener('click', async () => {
    const address = URL.createObjectURL(await blobOf(canvas));
    const link = Object.assign(document.createElement('a'), { href: address, download: `${bulletin.title}.png` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  });
}
