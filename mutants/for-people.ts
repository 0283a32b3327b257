import { mutantsOf, type Mutant } from './mutant.ts';

/** Rule 10: errors are for people. */
const submitAdvice = mutantsOf(
  'livy/refused.ts',
  ([401, 403, 404, 429, 430] as const).map((status) => ({
    id: `for-people/submit-${status}`,
    breaks: `10: ${status} has its advice (on the submit)`,
    find: `  ${status}: [\n`,
    replace: `  ${status + 60}: [\n`,
  })),
);

const otherAdvice = mutantsOf('fabric/refused.ts', [
  {
    id: 'for-people/lookup-401',
    breaks: '10: 401 has its advice (on a look-up)',
    find: `if (answer.status === 401) {`,
    replace: `if (answer.status === 407) {`,
  },
  {
    id: 'for-people/lookup-403',
    breaks: '10: 403 has its advice (on a look-up)',
    find: `return end('FORBIDDEN', advice.forbidden);`,
    replace: `return end('FORBIDDEN', advice.notFound);`,
  },
  {
    id: 'for-people/lookup-404',
    breaks: '10: 404 has its advice (on a look-up)',
    find: `return end(advice.notFoundCode ?? 'NOT_FOUND', advice.notFound);`,
    replace: `return end('NOT_FOUND', advice.forbidden);`,
  },
  {
    id: 'for-people/lookup-429',
    breaks: '10: 429 has its advice (on a look-up)',
    find: `if (answer.status === 429) {`,
    replace: `if (answer.status === 420) {`,
  },
  {
    id: 'for-people/lookup-request-id',
    breaks: '10: request ids are shown',
    find: `new StepError(errorCode, message, { advice: text, requestId });`,
    replace: `new StepError(errorCode, message, { advice: text, requestId: requestId && undefined });`,
  },
]);

const texts = [
  ...mutantsOf('errors.ts', [
    {
      id: 'for-people/what-to-do',
      breaks: '10: one error annotation: what failed, why, WHAT TO DO',
      find: `  if (error.advice) parts.push(error.advice);\n`,
      replace: ``,
    },
    {
      id: 'for-people/request-id',
      breaks: '10: request ids are shown',
      find: '  if (error.requestId) parts.push(`Request id: ${error.requestId}`);\n',
      replace: ``,
    },
  ]),
  ...mutantsOf('livy/refused.ts', [
    {
      id: 'for-people/submit-request-id',
      breaks: '10: request ids are shown (of a refused submit)',
      find: `    requestId: refusalOf(answer).requestId,\n`,
      replace: `    requestId: refusalOf(answer).code,\n`,
    },
  ]),
  ...mutantsOf('http/refusal.ts', [
    {
      id: 'for-people/request-id-of-a-header',
      breaks: '10: request ids are shown (where only a header has it)',
      find: `text(body['requestId']) ?? text(headers['requestid']) ?? text(headers['x-ms-request-id']),`,
      replace: `text(body['requestId']) ?? text(headers['request-id']) ?? text(headers['x-ms-request-id']),`,
    },
  ]),
  ...mutantsOf('auth/advice.ts', [
    {
      id: 'for-people/aadsts-unknown-application',
      breaks: '10: AADSTS codes … have their advice (700016)',
      find: `    [700016],\n`,
      replace: `    [70016],\n`,
    },
    {
      id: 'for-people/aadsts-subject',
      breaks: '10: AADSTS codes … have their advice (no federated credential of that subject)',
      find: `700213, 7002138, 70025], federatedCredential],`,
      replace: `7002138, 70025], federatedCredential],`,
    },
    {
      id: 'for-people/aadsts-expired-secret',
      breaks: '10: AADSTS codes … have their advice (7000222)',
      find: `    [7000222],\n`,
      replace: `    [7000223],\n`,
    },
    {
      id: 'for-people/aadsts-presented-subject',
      breaks: '10: what to do: the subject that was presented is shown',
      find: 'subject: ${claims.sub}',
      replace: 'subject: ${claims.aud}',
    },
  ]),
  ...mutantsOf('job/endings.ts', [
    {
      id: 'for-people/one-annotation',
      breaks: '10: ONE error annotation',
      find: `if (twin) world.runner.warning(errorText(twin));`,
      replace: `if (twin) world.runner.error(errorText(twin), 'Spark batch');`,
    },
    {
      id: 'for-people/stack',
      breaks: '10: a bug of ours says so and shows its STACK in the log',
      find: `step.world.runner.info(stackOf(thrown));`,
      replace: `step.world.runner.info(messageOf(thrown));`,
    },
    {
      id: 'for-people/bug-of-ours',
      breaks: '10: a bug of ours SAYS SO',
      find: '`This action failed by a fault of its own: ${messageOf(thrown)}. ${fate}`,',
      replace: '`This action failed: ${messageOf(thrown)}. ${fate}`,',
    },
    {
      id: 'for-people/why',
      breaks: '10: one error annotation: what failed, WHY (the exception of the log)',
      find: `return verdictError(verdict, status, finding, place.livy.dialect, facts.tests, onlyLog);`,
      replace: `return verdictError(verdict, status, finding && undefined, place.livy.dialect, facts.tests, onlyLog);`,
    },
  ]),
  ...mutantsOf('report/root-cause/story.ts', [
    {
      id: 'for-people/last-traceback',
      breaks: '10: … why (the LAST exception of a chain is the one that ended the job)',
      find: `const part = parts.at(-1);`,
      replace: `const part = parts.at(0);`,
    },
  ]),
  ...mutantsOf('report/root-cause.ts', [
    {
      id: 'for-people/python-before-java',
      breaks: '10: … why (the Python traceback, not the Java exception that it causes)',
      find: `    raised(output, errors, submit, code) ??\n`,
      replace: `    thrown(errors, 'any') ??\n    raised(output, errors, submit, code) ??\n`,
    },
  ]),
  ...mutantsOf('report/root-cause/mapping.ts', [
    {
      id: 'for-people/place-is-proven',
      breaks: '1: a failure shows on the line that raised it (no line rather than a WRONG one)',
      find: `text !== undefined && same(lineOf(source, line), text);`,
      replace: `text !== undefined && lineOf(source, line) !== undefined;`,
    },
    {
      id: 'for-people/place-is-of-one-file',
      breaks: '1: a failure shows on the line that raised it (of the one file that fits)',
      find: `return all.length === 1 ? all[0] : undefined;`,
      replace: `return all[0];`,
    },
  ]),
  ...mutantsOf('job/outcome.ts', [
    {
      id: 'for-people/annotations-false',
      breaks: '2, `annotations`: error annotations on repository lines, or none',
      find: `inputs.annotations ? facts.rootCause?.place : undefined;`,
      replace: `facts.rootCause?.place;`,
    },
  ]),
  ...mutantsOf('inputs.ts', [
    {
      id: 'for-people/every-problem',
      breaks: '2: EVERY problem of every input is reported in one error',
      find: `throw inputError(problems);`,
      replace: `throw inputError(problems.slice(0, 1));`,
    },
  ]),
  ...mutantsOf('main.ts', [
    {
      id: 'for-people/stack-of-a-fault',
      breaks: '10: a bug of ours … shows its STACK (outside of the story)',
      find: `\${stackOf(thrown)}`,
      replace: `\${stackOf(thrown).split('\\n', 1).join('')}`,
    },
  ]),
];

export const forPeople: readonly Mutant[] = [...submitAdvice, ...otherAdvice, ...texts];
