// Attachments shown inside the page: images, PDF and plain text, one after the other; everything else is downloaded.
import { all, make, one } from '../lib/dom.js';
import { Failure } from '../lib/net.js';
import { say } from '../lib/strings.js';
import { toast, toastSessionEnded } from '../lib/toast.js';

const KINDS = [['image', /\.(?:png|jpe?g|gif|bmp|webp)$/i], ['pdf', /\.pdf$/i], ['text', /\.(?:txt|csv|md)$/i]];
/** Of a text no more is shown than this. */
const MOST_TEXT = 400000;

/** What kind of preview a file's name promises (the server made sure that its content is that), or null. */
export const kindOf = (name) => KINDS.find(([, pattern]) => pattern.test(name.trim()))?.[0] ?? null;

const nameOf = (link) => (link.dataset.name || link.textContent).trim();

async function content(address) {
  const response = await fetch(address, { credentials: 'same-origin', headers: { 'X-Requested-With': 'fetch' } })
    .catch(() => { throw new Failure(say('network'), 0); });
  if (!response.ok) throw new Failure(say('failed', { status: response.status }), response.status);
  return response.arrayBuffer();
}

/** Text in UTF-8, or in the encoding that Chinese Windows writes. */
function decoded(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}

class Preview {
  constructor(links, at) {
    this.links = links;
    this.at = at;
    this.closing = null;
    this.title = make('h2', { id: 'preview-title', lang: 'zh' });
    this.count = make('span', { class: 'muted small nowrap' });
    this.body = make('div', { class: 'preview-body', tabindex: '0' });
    this.download = make('a', { class: 'button', 'data-download': true }, say('preview_download'));
    const button = (label, text, step) => make('button', { type: 'button', class: 'button', 'aria-label': label, title: label, onclick: () => this.move(step) }, text);
    const several = links.length > 1 ? [button(say('preview_before'), '‹', -1), button(say('preview_after'), '›', 1)] : [];
    this.dialog = make('dialog', { class: 'preview', 'aria-labelledby': 'preview-title' },
      make('header', {}, this.title, this.count, ...several, this.download,
        make('button', { type: 'button', class: 'button', onclick: () => this.dialog.close() }, say('preview_close'))),
      this.body);
    this.dialog.addEventListener('close', () => { this.leave(); this.dialog.remove(); this.links[this.at].focus(); });
    this.dialog.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') this.move(event.key === 'ArrowLeft' ? -1 : 1);
    });
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.show();
  }

  move(step) {
    const to = this.at + step;
    if (to < 0 || to >= this.links.length) return;
    this.at = to;
    this.show();
  }

  leave() {
    this.closing?.();
    this.closing = null;
    this.body.replaceChildren();
  }

  async show() {
    this.leave();
    const link = this.links[this.at];
    const name = nameOf(link);
    this.title.textContent = name;
    this.download.href = link.href;
    this.count.textContent = this.links.length > 1 ? `${this.at + 1} / ${this.links.length}` : '';
    this.body.replaceChildren(make('p', { class: 'muted', role: 'status' }, say('preview_loading')));
    const asked = this.at;
    try {
      await this[kindOf(name)](link.href, name, () => asked === this.at && this.dialog.open);
    } catch (error) {
      if (error.status === 401) toastSessionEnded();
      if (asked === this.at) this.body.replaceChildren(make('p', { class: 'field-error', role: 'alert' }, error.status === undefined ? say('preview_failed') : error.message));
    }
    this.body.focus();
  }

  async image(address, name, wanted) {
    const picture = make('img', { alt: name, src: address });
    await picture.decode().catch(() => { throw new Failure(say('preview_failed'), -1); });
    if (!wanted()) return;
    picture.addEventListener('click', () => picture.classList.toggle('whole'));
    this.body.replaceChildren(picture);
  }

  async text(address, name, wanted) {
    const text = decoded(await content(address));
    if (!wanted()) return;
    this.body.replaceChildren(make('pre', { lang: 'zh' }, text.slice(0, MOST_TEXT)));
  }

  async pdf(address, name, wanted) {
    const [bytes, { showPdf }] = await Promise.all([content(address), import('./pdf.js')]);
    if (!wanted()) return;
    const { pdfWorker: worker, pdfMaps: maps, pdfWasm: wasm } = document.body.dataset;
    this.body.replaceChildren();
    const absolute = (path) => new URL(path, location.href).href;
    const shown = await showPdf(bytes, this.body, { worker: absolute(worker), maps: absolute(maps), wasm: absolute(wasm) });
    if (!wanted()) { shown.close(); return; }
    this.closing = shown.close;
    this.count.textContent = [this.count.textContent, say('preview_pages', { count: shown.pages })].filter(Boolean).join(' · ');
  }
}

/** Show the attachment that `link` leads to, with its neighbours on the page; false where it can only be downloaded. */
export function preview(link) {
  if (!kindOf(nameOf(link))) return false;
  const seen = new Set();
  const links = all('a[href*="/attachments/"]:not([data-download])')
    .filter((each) => kindOf(nameOf(each)) && (each === link || (each.offsetParent && each.href !== link.href)) && !seen.has(each.href) && seen.add(each.href));
  if (one('dialog.preview')) return true;
  try {
    new Preview(links, links.indexOf(link));
  } catch (error) {
    toast(error.message, { error: true });
  }
  return true;
}
