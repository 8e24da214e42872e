// Requests to our own server: with the CSRF token, and one way to say what went wrong.
import { one } from './dom.js';
import { say } from './strings.js';

export class Failure extends Error {
  constructor(message, status, answer = {}) {
    super(message);
    this.status = status;
    this.answer = answer;
  }
}

export const token = () => one('meta[name="csrf-token"]').content;

/** The sign-in page's address that comes back to the page one is on. */
export function signInAddress() {
  const here = location.pathname + location.search;
  return `${document.body.dataset.signIn}?next=${encodeURIComponent(here)}`;
}

/** Send `body` (FormData or URLSearchParams) and return what the server answered as JSON. */
export async function post(url, body, { keepalive = false } = {}) {
  let response;
  try {
    response = await fetch(url, {
      method: 'POST',
      body,
      keepalive,
      credentials: 'same-origin',
      headers: { 'X-CSRFToken': token(), 'X-Requested-With': 'fetch', Accept: 'application/json' },
    });
  } catch {
    throw new Failure(say('network'), 0);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    const known = response.status === 401 ? say('session_ended') : answer.message;
    throw new Failure(known || say('failed', { status: response.status }), response.status, answer);
  }
  document.dispatchEvent(new CustomEvent('server:heard'));
  return answer;
}

/** Fetch JSON. */
export async function get(url) {
  const response = await fetch(url, {
    credentials: 'same-origin',
    headers: { 'X-Requested-With': 'fetch', Accept: 'application/json' },
  }).catch(() => { throw new Failure(say('network'), 0); });
  if (!response.ok) throw new Failure(say('failed', { status: response.status }), response.status);
  return response.json();
}
