// The editor of a draft: its content, its words, its checks, and the keeping of what is typed.
import { make, on, one } from '../lib/dom.js';
import { ask } from './api.js';
import { askAboutConflict } from './conflict.js';
import { Findings } from './findings.js';
import { showHistory } from './history.js';
import { Keeper } from './keeper.js';
import { clock, phrase } from './phrases.js';
import { Presence } from './presence.js';
import { openStyles } from './style.js';
import { loadWords } from './words/word.js';

const EDITORS = { bpmn: () => import('./process.js'), dmn: () => import('./decision.js'), form: () => import('./form.js') };

/** Offer what an earlier visit typed here and the server never got. */
async function offer(root, keeper, draft) {
  const copy = await keeper.left();
  if (!copy) return draft.content;
  const box = one('[data-restore]', root);
  return new Promise((resolve) => {
    const choose = (content) => () => {
      box.hidden = true;
      keeper.drop();
      resolve(content);
    };
    box.replaceChildren(make('p', { class: 'grow' }, phrase('restore', { time: clock(copy.at) })),
      make('button', { type: 'button', class: 'button primary', onclick: choose(copy.pairs) }, phrase('restore_use')),
      make('button', { type: 'button', class: 'button', onclick: choose(draft.content) }, phrase('restore_drop')));
    box.hidden = false;
  });
}

/** Hand the file to the browser as it is in the editor. */
async function download(name, read) {
  const link = make('a', { href: URL.createObjectURL(new Blob([await read()])), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Let the draft stand on what is deployed now. */
async function takeOver(url, keeper) {
  if (!await keeper.save()) return;
  try {
    await ask(`${url}/take-over`, { method: 'POST', body: { base: keeper.revision } });
    location.reload();
  } catch (error) {
    keeper.tell(error.message, true);
  }
}

async function start(root) {
  const { draftUrl: url, templatesUrl, kind } = root.dataset;
  openStyles(root.dataset.nonce);
  const [draft, templates] = await Promise.all([
    ask(url), kind === 'bpmn' ? ask(templatesUrl).then((answer) => answer.templates) : [], loadWords(document.documentElement.lang, kind)]);
  const { openEditor } = await EDITORS[kind]();
  let editor;
  const status = one('[data-status]', root);
  const tell = (text, problem = false) => {
    status.textContent = text;
    status.classList.toggle('problem', problem);
  };
  const read = () => (editor ? editor.content() : Promise.resolve(draft.content));
  const keeper = new Keeper({ url, draft, read, tell, conflict: (answer) => askAboutConflict(answer, keeper) });
  const content = await offer(root, keeper, draft);
  const opened = await openEditor({
    canvas: one('[data-canvas]', root),
    panel: one('[data-panel]', root),
    content,
    templates,
    known: async (element) => ask(`${url}/known`, { method: 'POST', body: { element, content: await read() } }),
  });
  // What the editor writes of an unchanged file differs in spaces only: that is no change.
  if (content === draft.content) keeper.saved = await opened.content();
  editor = opened;
  const findings = new Findings({ root: one('[data-findings]', root), url: `${url}/check`, editor, read });
  editor.changed(() => {
    keeper.changed();
    findings.changed();
  });
  if (draft.converted) findings.tellConverted(draft.converted);
  if (content !== draft.content) keeper.save();
  tell(phrase('opened', { time: clock(draft.saved_at), who: draft.saved_by.name, revision: draft.revision }));
  const presence = new Presence(one('[data-editors]', root), url, keeper);
  presence.show(draft.editors);
  root.dataset.opened = '';
  // Whatever looks at the draft looks at what the server has.
  on('click', 'a[data-saved-first]', async (event, { href }) => {
    event.preventDefault();
    if (await keeper.save()) location.assign(href);
  }, root);
  on('click', '[data-do]', (event, { dataset }) => {
    if (dataset.do === 'undo') editor.undo();
    else if (dataset.do === 'redo') editor.redo();
    else if (dataset.do === 'check') findings.check();
    else if (dataset.do === 'history') showHistory(url, keeper);
    else if (dataset.do === 'preview') read().then(async (text) => (await import('./preview.js')).showPreview(root.dataset.previewUrl, text));
    else if (dataset.do === 'take-over') takeOver(url, keeper);
    else if (dataset.do === 'download') download(draft.file, read);
  }, root);
  root.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 's') {
      event.preventDefault();
      keeper.save();
    }
  });
  await findings.check();
  root.dataset.ready = '';
}

/** Why a file can't be opened: the server's sentence, that nothing of it is drawn, or that it can't be read. */
const reason = (error) => {
  if (error.status !== undefined) return error.message;
  return /no diagram/.test(error.message) ? phrase('no_diagram') : phrase('not_opened');
};

/** Bring the editor `root` to life, or say why it can't be. */
export function openDesigner(root) {
  return start(root).catch((error) => {
    one('[data-canvas]', root).replaceChildren(make('p', { class: 'alert error', role: 'alert' }, reason(error)));
    console.error(error);
  });
}
