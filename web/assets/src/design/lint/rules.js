// What is checked at every stroke, before the server is asked: the standard's rules that hold here, and those of offices.
import endRequired from 'bpmnlint/rules/end-event-required';
import labelRequired from 'bpmnlint/rules/label-required';
import noBpmndi from 'bpmnlint/rules/no-bpmndi';
import noDisconnected from 'bpmnlint/rules/no-disconnected';
import noDuplicates from 'bpmnlint/rules/no-duplicate-sequence-flows';
import noImplicitSplit from 'bpmnlint/rules/no-implicit-split';
import noOverlapping from 'bpmnlint/rules/no-overlapping-elements';
import singleBlankStart from 'bpmnlint/rules/single-blank-start-event';
import startRequired from 'bpmnlint/rules/start-event-required';
import superfluousGateway from 'bpmnlint/rules/superfluous-gateway';
import conditions from './conditions.js';
import somebody from './somebody.js';

const STANDARD = {
  'end-event-required': [endRequired, 'error'],
  'label-required': [labelRequired, 'warn'],
  'no-bpmndi': [noBpmndi, 'error'],
  'no-disconnected': [noDisconnected, 'error'],
  'no-duplicate-sequence-flows': [noDuplicates, 'error'],
  'no-implicit-split': [noImplicitSplit, 'warn'],
  'no-overlapping-elements': [noOverlapping, 'warn'],
  'single-blank-start-event': [singleBlankStart, 'error'],
  'start-event-required': [startRequired, 'error'],
  'superfluous-gateway': [superfluousGateway, 'warn'],
};
const OWN = { conditions: [conditions, 'error'], somebody: [somebody, 'error'] };

const found = (pkg, name) => (pkg === 'bpmnlint' ? STANDARD[name]?.[0] : OWN[name]?.[0]);

export const rules = {
  config: {
    rules: {
      ...Object.fromEntries(Object.entries(STANDARD).map(([name, [, level]]) => [name, level])),
      ...Object.fromEntries(Object.entries(OWN).map(([name, [, level]]) => [`bihuan/${name}`, level])),
    },
  },
  resolver: {
    resolveRule(pkg, name) {
      const rule = found(pkg, name);
      if (!rule) throw new Error(`no rule ${pkg}/${name}`);
      return rule;
    },
    resolveConfig(pkg, name) { throw new Error(`no configuration ${pkg}/${name}`); },
  },
};
