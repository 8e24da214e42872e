// A step for people names them.

const held = (node, type) => (node.extensionElements?.values ?? []).find((each) => each.$type === type);

export default function somebody() {
  return {
    check(node, reporter) {
      if (node.$type !== 'bpmn:UserTask') return;
      const people = held(node, 'zeebe:AssignmentDefinition');
      if (!people?.assignee && !people?.candidateGroups && !people?.candidateUsers) {
        reporter.report(node.id, 'The task names nobody who does it');
      }
    },
  };
}
