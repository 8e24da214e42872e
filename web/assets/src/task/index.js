// A task on the page: its form, its draft, the decision, the attachments.
import { one } from '../lib/dom.js';
import { initForms } from '../form/index.js';
import { initDecision } from './decide.js';
import { initDraft, typedEarly } from './draft.js';
import { initSections } from './sections.js';
import { initTabs } from './tabs.js';
import { initUpload } from './upload.js';

/** Bring the task element to life, once. */
export function initTask(task) {
  if (task.dataset.live !== undefined) return;
  task.dataset.live = '';
  const early = typedEarly(task);  // before the form's own scripts put anything in order
  initForms(task);
  const draft = initDraft(task, early);
  initSections(task);
  initTabs(task);
  initUpload(task);
  initDecision(task, draft);
  // What scrolls is the task, not the page around it: the keyboard reads on in it.
  if (document.activeElement === document.body) one('[data-scroll]', task).focus({ preventScroll: true });
}
