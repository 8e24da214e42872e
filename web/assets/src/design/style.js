// The expression editors write a style sheet into the page; it carries the nonce that the page's policy names.
import { StyleModule } from 'style-mod';

/** Let the editors' style sheets be the page's own: theirs are added to the one that this opens. */
export function openStyles(nonce) {
  StyleModule.mount(document, new StyleModule({}), { nonce });
}
