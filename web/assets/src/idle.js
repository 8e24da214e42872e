// Says two minutes before an idle session ends, so that nobody is signed out while thinking.
import { make } from './lib/dom.js';
import { say } from './lib/strings.js';
import { toast, toastSessionEnded } from './lib/toast.js';
import { post } from './lib/net.js';

const WARNED_BEFORE = 2 * 60000;
let timer;

async function stay() {
  const { stay: address } = document.body.dataset;
  try {
    await post(address, new URLSearchParams());
    heard();
  } catch (error) {
    if (error.status === 401) toastSessionEnded();
    else toast(error.message, { error: true });
  }
}

/** The server heard of us just now: the session lasts its whole time again. */
export function heard() {
  const minutes = Number(document.body.dataset.idleMinutes);
  if (!minutes) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    const button = make('button', { type: 'button', onclick: stay }, say('idle_stay'));
    toast(say('idle_soon'), { error: true, action: button });
  }, Math.max(minutes * 60000 - WARNED_BEFORE, 1000));
}
