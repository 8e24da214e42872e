// Starts what the designer's page holds: an editor, or two versions beside each other.
import { one } from '../lib/dom.js';

const designer = one('[data-designer]');
if (designer) import('./editor.js').then(({ openDesigner }) => openDesigner(designer));
const compared = one('[data-compare]');
if (compared) import('./compare.js').then(({ openComparison }) => openComparison(compared));
