// Style sheets that only some pages need, fetched when they do.
import { make, one } from './dom.js';

/** Have the style sheet `href` on the page; what is for print stays the last. */
export function style(href) {
  if (!href || one(`link[href="${href}"]`)) return Promise.resolve();
  return new Promise((resolve) => {
    one('link[media="print"]').before(make('link', { rel: 'stylesheet', href, onload: resolve, onerror: resolve }));
  });
}
