// A PDF as pages drawn on canvases: nothing in the file is run, no link in it leads anywhere.
import { GlobalWorkerOptions, VerbosityLevel, getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { make } from '../lib/dom.js';
import { say } from '../lib/strings.js';

/** More pages than this are not laid out at once; who needs them downloads the file. */
const MOST_PAGES = 300;
/** A canvas has no more pixels than this: phones refuse larger ones. */
const MOST_PIXELS = 8e6;

async function draw(page, holder, scale) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const wanted = page.getViewport({ scale: scale * ratio });
  const shrink = Math.min(1, Math.sqrt(MOST_PIXELS / (wanted.width * wanted.height)));
  const viewport = page.getViewport({ scale: scale * ratio * shrink });
  const canvas = make('canvas', { width: Math.floor(viewport.width), height: Math.floor(viewport.height) });
  await page.render({ canvas, canvasContext: canvas.getContext('2d', { alpha: false }), viewport }).promise;
  holder.replaceChildren(canvas);
}

/** Show the PDF with `content` (an ArrayBuffer) in `body`; resolves to what closes it and to how many pages it has. */
export async function showPdf(content, body, assets) {
  GlobalWorkerOptions.workerSrc = assets.worker;
  const task = getDocument({
    data: new Uint8Array(content),
    cMapUrl: assets.maps,
    cMapPacked: true,
    wasmUrl: assets.wasm,
    useWasm: false,
    useSystemFonts: true,
    isEvalSupported: false,
    enableXfa: false,
    stopAtErrors: false,
    verbosity: VerbosityLevel.ERRORS,
  });
  const file = await task.promise;
  const first = await file.getPage(1);
  const width = Math.min(body.clientWidth - 24, 1000);
  const scaleOf = (page) => width / page.getViewport({ scale: 1 }).width;
  const { height } = first.getViewport({ scale: scaleOf(first) });
  const shown = Math.min(file.numPages, MOST_PAGES);
  const near = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      file.getPage(Number(target.dataset.page)).then((page) => draw(page, target, scaleOf(page)));
    }
  }, { root: body, rootMargin: '400px' });
  for (let number = 1; number <= shown; number += 1) {
    const holder = make('div', { class: 'preview-page', 'data-page': number, role: 'img', 'aria-label': say('preview_page', { page: number, pages: file.numPages }) });
    holder.style.width = `${width}px`;
    holder.style.minHeight = `${Math.round(height)}px`;
    body.append(holder);
    near.observe(holder);
  }
  if (shown < file.numPages) body.append(make('p', { class: 'muted' }, say('preview_more', { count: file.numPages - shown })));
  return { pages: file.numPages, close: () => { near.disconnect(); task.destroy(); } };
}
