// The draft's history: who saved what when; any of it can be taken up again.
import { make } from '../lib/dom.js';
import { toast } from '../lib/toast.js';
import { ask } from './api.js';
import { clock, phrase } from './phrases.js';

/** Show the revisions in a dialog. */
export async function showHistory(url, keeper) {
  if (!await keeper.save()) return;
  const { revisions } = await ask(`${url}/revisions`);
  const dialog = make('dialog', { class: 'dialog wide', 'aria-labelledby': 'history-title' });
  const restore = (revision) => async () => {
    try {
      await ask(`${url}/restore`, { method: 'POST', body: { revision, base: keeper.revision } });
      location.reload();
    } catch (error) {
      toast(error.message, { error: true });
    }
  };
  const row = ({ revision, restored, saved_by: by, saved_at: at }, index) => make('tr', {},
    make('td', { class: 'num' }, String(revision)), make('td', { class: 'nowrap' }, clock(at)), make('td', { lang: 'zh' }, by.name),
    make('td', {}, restored ? phrase('restored', { revision: restored }) : ''),
    make('td', {}, index ? make('button', { type: 'button', class: 'button small', onclick: restore(revision) }, phrase('restore_revision')) : phrase('now')));
  dialog.append(
    make('h2', { id: 'history-title' }, phrase('history')),
    make('div', { class: 'bounded' }, make('table', { class: 'table' }, make('tbody', {}, ...revisions.map(row)))),
    make('div', { class: 'buttons' }, make('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, phrase('close'))),
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
