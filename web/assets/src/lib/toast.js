// Short messages that come and go at the top of the page.
import { make, one } from './dom.js';
import { say } from './strings.js';
import { signInAddress } from './net.js';

/** Show `text`; an error stays until it is clicked away. */
export function toast(text, { error = false, action = null } = {}) {
  const box = make('div', { class: error ? 'toast error' : 'toast' }, make('span', {}, text), ...(action ? [action] : []));
  box.addEventListener('click', () => box.remove());
  one('#toasts').append(box);
  setTimeout(() => box.remove(), error ? 12000 : 4000);
}

/** Say that the session has ended, with the way back. */
export function toastSessionEnded() {
  if (one('#toasts [data-ended]')) return;
  const link = make('a', { href: signInAddress(), 'data-ended': '' }, say('sign_in_again'));
  toast(say('session_ended'), { error: true, action: link });
}
