// Starts what the designer's page holds: an editor, two versions beside each other, a trial, or the list of steps.
import { one } from '../lib/dom.js';

const designer = one('[data-designer]');
if (designer) import('./editor.js').then(({ openDesigner }) => openDesigner(designer));
const compared = one('[data-compare]');
if (compared) import('./compare.js').then(({ openComparison }) => openComparison(compared));
const tried = one('[data-trial]');
if (tried) import('./trial.js').then(({ openTrial }) => openTrial(tried));
const steps = one('[data-steps]');
if (steps) import('./steps.js').then(({ openSteps }) => openSteps(steps));
