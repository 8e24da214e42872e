// A long form's sections as a row of links that stays in sight, each with what is still to be filled in.
import { all, make, one } from '../lib/dom.js';
import { say } from '../lib/strings.js';

const FEWEST = 3;

const shown = (selector, section) => all(selector, section).filter((element) => !element.closest('[hidden]'));

/** What is still to be filled in: inputs that are empty, and lists that need a row and have none. */
const missing = (section) => shown('[aria-required="true"]', section).filter((input) => !input.value.trim()).length
  + shown('[data-required]', section).filter((list) => !one('.f-row, .f-item', list)).length;

/** What must be corrected: inputs, and lists as a whole. */
const wrong = (section) => shown('[aria-invalid="true"], .f-table.f-bad, .f-list.f-bad', section).length;

function draw(links) {
  for (const [section, link] of links) {
    const empty = missing(section);
    const bad = wrong(section);
    link.hidden = section.hidden;
    link.className = bad ? 'bad' : empty ? '' : 'done';
    const mark = one('small', link);
    mark.textContent = bad || empty || '✓';
    mark.setAttribute('aria-label', bad ? say('section_wrong', { count: bad }) : empty ? say('section_missing', { count: empty }) : say('section_done'));
  }
}

/** Put the row of links above the form of `task` that takes input, when it is long enough to need one. */
export function initSections(task) {
  const form = one('#form .f-form', task);
  const sections = form ? all('.f-group[id] > h3', form).map((title) => title.parentElement) : [];
  if (sections.length < FEWEST || !one('[aria-required="true"]', form)) return;
  const links = new Map(sections.map((section) => [section,
    make('a', { href: `#${section.id}` }, one('h3', section).textContent.trim(), ' ', make('small'))]));
  const bar = make('nav', { class: 'sections', 'aria-label': say('sections') }, ...links.values());
  bar.addEventListener('click', (event) => {
    const link = event.target.closest('a');
    if (!link) return;
    event.preventDefault();
    document.getElementById(link.hash.slice(1)).scrollIntoView({ block: 'start' });
  });
  form.before(bar);
  draw(links);
  let waiting;
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => draw(links), 200);
  };
  form.addEventListener('input', later);
  form.addEventListener('change', later);
  form.addEventListener('form:changed', later);
}
