// Two designers on one file: who saved what since is told, and neither is written over before somebody has chosen.
import { make } from '../lib/dom.js';
import { phrase } from './phrases.js';

/** Ask what becomes of what is here; `answer` is the server's refusal. */
export function askAboutConflict({ message, code, params }, keeper) {
  const dialog = make('dialog', { class: 'dialog', 'aria-labelledby': 'conflict-title' });
  const close = (act) => () => {
    dialog.close();
    dialog.remove();
    act();
  };
  const theirs = make('button', { type: 'button', class: 'button', onclick: close(() => keeper.drop().then(() => location.reload())) }, phrase('take_theirs'));
  const mine = make('button', { type: 'button', class: 'button primary', onclick: close(() => keeper.insist(params.revision)) }, phrase('keep_mine'));
  dialog.append(
    make('h2', { id: 'conflict-title' }, phrase('conflict')),
    make('p', {}, message),
    make('p', { class: 'muted' }, phrase('conflict_advice')),
    make('div', { class: 'buttons' }, theirs, ...(code === 'design.changed' ? [mine] : [])),
  );
  dialog.addEventListener('cancel', (event) => event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
}
