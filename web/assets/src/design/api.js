// The designers' JSON routes: one way to ask them, and one way to hear what they refuse.
import { Failure, token } from '../lib/net.js';
import { phrase } from './phrases.js';

/** Ask `url`; a body is sent as JSON. Resolves to the answer, throws a Failure with the server's sentence. */
export async function ask(url, { method = 'GET', body, keepalive = false } = {}) {
  let response;
  try {
    response = await fetch(url, {
      method,
      keepalive,
      credentials: 'same-origin',
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token(), 'X-Requested-With': 'fetch', Accept: 'application/json' },
    });
  } catch {
    throw new Failure(phrase('network'), 0);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Failure(answer.message || phrase('failed', { status: response.status }), response.status, answer);
  }
  document.dispatchEvent(new CustomEvent('server:heard'));
  return answer;
}
