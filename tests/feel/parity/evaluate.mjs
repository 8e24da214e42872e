// Evaluates FEEL expressions with feelin.
// Standard input: {"context": {…}, "expressions": ["…"], "seconds": 0}; standard output: [{"value": …} | {"error": "…"}] (dates as text),
// or with "seconds" > 0 how often a second each expression is evaluated, parsing included (feelin parses each time).
import { evaluate } from 'feelin';

let input = '';
for await (const chunk of process.stdin) {
  input += chunk;
}
const { context, expressions, seconds } = JSON.parse(input);

function once(expression) {
  try {
    const { value } = evaluate(expression, context);
    return { value: value ?? null };
  } catch (error) {
    return { error: String(error.message ?? error) };
  }
}

function rate(expression) {
  const begin = performance.now();
  let turns = 0;
  while (performance.now() - begin < seconds * 1000) {
    for (let turn = 0; turn < 20; turn++) {
      evaluate(expression, context);
    }
    turns += 20;
  }
  return { rate: (turns * 1000) / (performance.now() - begin) };
}

console.log(JSON.stringify(expressions.map(seconds > 0 ? rate : once)));
