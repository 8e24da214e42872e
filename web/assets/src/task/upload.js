// Attachments: chosen or dropped, sent one by one, refused at the field.
import { all, make, on, one } from '../lib/dom.js';
import { post } from '../lib/net.js';
import { say } from '../lib/strings.js';
import { toastSessionEnded } from '../lib/toast.js';

async function send(form, files) {
  const problem = one('[data-upload-error]', form);
  const limit = Number(form.dataset.limitMb);
  const listed = one('#attachment-list', form.closest('section'));
  const problems = [];
  for (const file of files) {
    if (file.size > limit * 1024 * 1024) {
      problems.push(say('upload_too_large', { name: file.name, limit }));
      continue;
    }
    const row = make('li', { class: 'muted' }, say('upload_progress', { name: file.name }));
    all('li.muted:not([data-busy])', listed).filter((each) => !one('a', each)).forEach((each) => each.remove());
    row.dataset.busy = '';
    listed.append(row);
    const body = new FormData();
    body.append('file', file);
    try {
      const answer = await post(form.action, body);
      const drawn = document.createElement('template');
      drawn.innerHTML = answer.row; // drawn by the server, as the page itself
      row.replaceWith(drawn.content);
      const count = one('.section-title small', listed.closest('section'));
      if (count) count.textContent = count.textContent.replace(/\d+/, all('li', listed).length);
    } catch (error) {
      row.remove();
      if (error.status === 401) toastSessionEnded();
      problems.push(error.message);
    }
  }
  problem.textContent = problems.join('\n');
  problem.hidden = !problems.length;
}

export function initUpload(task) {
  const form = one('form[data-upload]', task);
  if (!form) return;
  on('change', 'input[type="file"]', async (event, input) => {
    const files = [...input.files];
    input.value = '';
    await send(form, files);
  }, form);
  for (const [type, over] of [['dragenter', true], ['dragover', true], ['dragleave', false], ['drop', false]]) {
    form.addEventListener(type, (event) => {
      event.preventDefault();
      form.classList.toggle('over', over);
    });
  }
  form.addEventListener('drop', (event) => send(form, [...event.dataTransfer.files]));
}
