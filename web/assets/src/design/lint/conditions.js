// A gateway that chooses knows when to take which way: each way has a condition, except the one taken when none holds.

export default function conditions() {
  return {
    check(node, reporter) {
      if (!['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway'].includes(node.$type) || (node.outgoing ?? []).length < 2) return;
      for (const flow of node.outgoing) {
        if (!flow.conditionExpression && node.default !== flow) {
          reporter.report(flow.id, 'The flow has no condition and is not the default flow');
        }
      }
    },
  };
}
