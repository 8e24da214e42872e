// Plays a way through the diagram, step by step: what led to a finding, or what a trial did.
import { make } from '../lib/dom.js';
import { phrase } from './phrases.js';

const PACE = 800;

export class Player {
  constructor(modeler, bar) {
    this.canvas = modeler.get('canvas');
    this.registry = modeler.get('elementRegistry');
    this.bar = bar;
    this.marked = [];
  }

  /** Play `path` (ids of nodes), which ends in `last`. */
  play(path, last) {
    this.stop();
    this.path = path.filter((id) => this.registry.get(id));
    if (last && this.path[this.path.length - 1] !== last && this.registry.get(last)) this.path.push(last);
    if (!this.path.length) return;
    this.at = 0;
    this.place = make('span', { role: 'status' });
    this.pause = make('button', { type: 'button', class: 'button small', onclick: () => this.toggle() });
    this.bar.replaceChildren(
      make('button', { type: 'button', class: 'button small', onclick: () => this.step(-1) }, phrase('step_back')),
      this.pause,
      make('button', { type: 'button', class: 'button small', onclick: () => this.step(1) }, phrase('step_on')),
      this.place,
      make('button', { type: 'button', class: 'button small', onclick: () => this.stop() }, phrase('play_stop')),
    );
    this.bar.hidden = false;
    this.draw();
    this.run();
  }

  run() {
    this.pause.textContent = phrase('play_pause');
    this.timer = setInterval(() => {
      if (this.at + 1 < this.path.length) this.move(1);
      else this.rest();
    }, PACE);
  }

  rest() {
    clearInterval(this.timer);
    this.timer = null;
    if (this.pause) this.pause.textContent = phrase('play_again');
  }

  toggle() {
    if (this.timer) {
      this.rest();
      return;
    }
    if (this.at + 1 >= this.path.length) this.at = 0;
    this.draw();
    this.run();
  }

  step(by) {
    this.rest();
    this.move(by);
  }

  move(by) {
    this.at = Math.max(0, Math.min(this.at + by, this.path.length - 1));
    this.draw();
  }

  mark(element, marker) {
    this.canvas.addMarker(element, marker);
    this.marked.push([element, marker]);
  }

  draw() {
    this.clear();
    const passed = this.path.slice(0, this.at + 1).map((id) => this.registry.get(id));
    passed.forEach((element, index) => {
      this.mark(element, index === this.at ? 'path-now' : 'path-passed');
      const before = passed[index - 1];
      const flow = before && (element.incoming ?? []).find(({ source }) => source === before);
      if (flow) this.mark(flow, 'path-passed');
    });
    const now = passed[this.at];
    this.canvas.scrollToElement(now, 80);
    this.place.textContent = phrase('play_place', { at: this.at + 1, all: this.path.length, name: now.businessObject.name || now.id });
  }

  clear() {
    for (const [element, marker] of this.marked) if (this.registry.get(element.id)) this.canvas.removeMarker(element, marker);
    this.marked = [];
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.clear();
    this.bar.hidden = true;
  }
}
