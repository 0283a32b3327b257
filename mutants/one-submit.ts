import { mutantsOf, type Mutant } from './mutant.ts';

/** Rule 2: one submit; bug class 2. */
const replies = mutantsOf('livy/submit.ts', [
  {
    id: 'one-submit/201-accepts',
    breaks: '4, wire: 200, 201 and 202 all accept',
    find: `if (status >= 200 && status < 300)`,
    replace: `if (status === 200 || status === 202)`,
  },
  {
    id: 'one-submit/200-accepts',
    breaks: '4, wire: 200, 201 and 202 all accept',
    find: `if (status >= 200 && status < 300)`,
    replace: `if (status > 200 && status < 300)`,
  },
  {
    id: 'one-submit/202-accepts',
    breaks: '4, wire: 200, 201 and 202 all accept',
    find: `if (status >= 200 && status < 300)`,
    replace: `if (status === 200 || status === 201)`,
  },
  {
    id: 'one-submit/no-id-is-searched',
    breaks: '2: accepted without a readable id: search, never send again',
    find: `return adopt(parts, nonce, sentAt, 'the service accepted it without a readable id', true);`,
    replace: `continue;`,
  },
  {
    id: 'one-submit/adopted-counts-from-acceptance',
    breaks: '2: found is adopted (and counts from its acceptance, not from when it was found)',
    find: `const at = Math.min(Math.max(told, sentAt), parts.clock.now());`,
    replace: `const at = Math.max(told, sentAt, parts.clock.now());`,
  },
  {
    id: 'one-submit/no-id-is-accepted',
    breaks: '2: once a 2xx status line was read, the submit is accepted: … never send again',
    find: `'the service accepted it without a readable id', true);`,
    replace: `'the service accepted it without a readable id', false);`,
  },
  {
    id: 'one-submit/cut-reply-is-accepted',
    breaks: '2: once a 2xx STATUS LINE was read, the submit is accepted: never send again',
    find: `if (thrown instanceof ReplyCut) return judge`,
    replace: `if (thrown instanceof ReplyCut && thrown.answer.status >= 300) return judge`,
  },
  {
    id: 'one-submit/408-is-ambiguous',
    breaks: '2: no status line, 408, 5xx are ambiguous: the list is searched',
    find: `if (status === 408 || status >= 500)`,
    replace: `if (status >= 500)`,
  },
  {
    id: 'one-submit/500-is-ambiguous',
    breaks: '2: no status line, 408, 5xx are ambiguous: the list is searched',
    find: `if (status === 408 || status >= 500)`,
    replace: `if (status === 408 || status > 500)`,
  },
  {
    id: 'one-submit/503-is-not-sent-again',
    breaks: '2, class 2: 5xx is ambiguous: never simply sent again',
    find: `if (status === 408 || status >= 500)`,
    replace: `if (status === 503) return again(attempt, retries.notSentFirst, 'Fabric is busy', error);\n  if (status === 408 || status >= 500)`,
  },
  {
    id: 'one-submit/lost-reply-is-not-sent-again',
    breaks: '2, class 2: no status line is ambiguous: never simply sent again',
    find: `if (thrown.failure === 'unknown') return`,
    replace: `if (thrown.failure === 'unknown' && attempt > 0) return`,
  },
  {
    id: 'one-submit/throttled-waits',
    breaks: '2: 429 started nothing: wait as told, send again',
    find: `if (status === 429 || status === 430) {`,
    replace: `if (status === 430) {`,
  },
  {
    id: 'one-submit/full-waits',
    breaks: '2: 430 started nothing: wait as told, send again',
    find: `if (status === 429 || status === 430) {`,
    replace: `if (status === 429 || (status > 430 && status < 440)) {`,
  },
  {
    id: 'one-submit/waits-as-told',
    breaks: '2: wait AS TOLD, send again',
    find: `milliseconds: asked >= shortestAsked ? asked : backoff,`,
    replace: `milliseconds: asked >= shortestAsked ? Math.min(asked, backoff) : backoff,`,
  },
  {
    id: 'one-submit/capacity-wait',
    breaks: '2, `capacity-wait-minutes`: how long to try on 430 and 429',
    find: `if (clock.now() + outcome.milliseconds > outcome.until) throw outcome.error;`,
    replace: `if (clock.now() > outcome.until) throw outcome.error;`,
  },
  {
    id: 'one-submit/404-first-wait',
    breaks: '2: 404 of a lakehouse just made (5 tries, doubling FROM 5 s)',
    find: `notFoundFirst: 5_000`,
    replace: `notFoundFirst: 500`,
  },
  {
    id: 'one-submit/404-tries',
    breaks: '2: 404 of a lakehouse just made (5 TRIES, doubling from 5 s)',
    find: `const retries = { most: 5,`,
    replace: `const retries = { most: 4,`,
  },
  {
    id: 'one-submit/404-doubles',
    breaks: '2: 404 of a lakehouse just made (5 tries, DOUBLING from 5 s)',
    find: `milliseconds: first * 2 ** attempt,`,
    replace: `milliseconds: first * (attempt + 1),`,
  },
]);

const transport = mutantsOf('http/transport.ts', [
  {
    id: 'one-submit/reset-is-ambiguous',
    breaks: '2, class 2: a connection that was reset may have started a batch',
    find: `/^(ECONNREFUSED|ENOTFOUND|`,
    replace: `/^(ECONNREFUSED|ECONNRESET|ENOTFOUND|`,
  },
  {
    id: 'one-submit/silence-is-ambiguous',
    breaks: '2, class 2: a reply that did not come in time may have started a batch',
    find: `UND_ERR_CONNECT_TIMEOUT|`,
    replace: `UND_ERR_\\w+_TIMEOUT|`,
  },
  {
    id: 'one-submit/refused-connection',
    breaks: '2: refused connection started nothing: send again',
    find: `/^(ECONNREFUSED|ENOTFOUND|`,
    replace: `/^(ENOTFOUND|`,
  },
  {
    id: 'one-submit/dns',
    breaks: '2: DNS started nothing: send again',
    find: `/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|`,
    replace: `/^(ECONNREFUSED|`,
  },
  {
    id: 'one-submit/tls',
    breaks: '2: TLS started nothing: send again',
    find: `|ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_)/;`,
    replace: `)/;`,
  },
]);

const searching = mutantsOf('livy/search.ts', [
  {
    id: 'one-submit/growing-intervals',
    breaks: '2: the list is searched at GROWING intervals',
    find: `const searchTimes = [2_000, 12_000, 27_000, 47_000];`,
    replace: `const searchTimes = [2_000, 17_000, 32_000, 47_000];`,
  },
  {
    id: 'one-submit/three-readings',
    breaks: '2: at least THREE whole readings over 45 s',
    find: `const fewestReadings = 3;`,
    replace: `const fewestReadings = 1;`,
  },
  {
    id: 'one-submit/over-45-s',
    breaks: '2: at least three whole readings OVER 45 S',
    find: `const searchSpan = 45_000;`,
    replace: `const searchSpan = 15_000;`,
  },
  {
    id: 'one-submit/whole-readings',
    breaks: '2: at least three WHOLE readings',
    find: `    if (!batches) continue;\n`,
    replace: ``,
  },
  {
    id: 'one-submit/found-by-name',
    breaks: '2: 12 of its digits end the `name`, for servers that drop tags',
    find: `? batch.name?.endsWith(\` \${nonceDigits(nonce)}\`) === true`,
    replace: `? batch.name === nonceDigits(nonce)`,
  },
  {
    id: 'one-submit/only-ours',
    breaks: '2: only `submission` adopts',
    find: `: tagged === nonce;`,
    replace: `: tagged !== '';`,
  },
]);

const list = mutantsOf('livy/livy.ts', [
  {
    id: 'one-submit/every-page',
    breaks: '2: EVERY page of the list is searched (a page may be short)',
    find: `if (found.size > before) continue;`,
    replace: `if (found.size > before && list.items.length === pageSize) continue;`,
  },
  {
    id: 'one-submit/no-gap-between-pages',
    breaks: '2: every page of the list is searched, whole',
    find: `read += list.items.length;`,
    replace: `read += pageSize;`,
  },
  {
    id: 'one-submit/a-page-fails',
    breaks: '2: a WHOLE reading (a page that cannot be read is none)',
    find: `          onRefused?.(answer);\n          return undefined;`,
    replace: `          return [...found.values()];`,
  },
  {
    id: 'one-submit/livyapi',
    breaks: '4, wire: `livyapi` in lower case in the path',
    find: `/livyapi/versions/`,
    replace: `/livyApi/versions/`,
  },
]);

const request = mutantsOf('livy/request.ts', [
  {
    id: 'one-submit/digits-in-name',
    breaks: '2: 12 of its digits end the `name`',
    find: `name: \`\${plan.name} \${nonceDigits(nonce)}\`,`,
    replace: `name: plan.name,`,
  },
  {
    id: 'one-submit/twelve-digits',
    breaks: '2: TWELVE of its digits end the `name`',
    find: `const digitsInName = 12;`,
    replace: `const digitsInName = 8;`,
  },
  {
    id: 'one-submit/lineage-of-run-key',
    breaks: '2: `lineage` (hash of server, repository, run id, workflow, `run-key`)',
    find: `JSON.stringify([serverUrl, repository, runId, workflow, runKey])`,
    replace: `JSON.stringify([serverUrl, repository, runId, workflow, runKey.length])`,
  },
  {
    id: 'one-submit/lineage-of-run-id',
    breaks: '2: `lineage` (hash of server, repository, run id, workflow, `run-key`)',
    find: `JSON.stringify([serverUrl, repository, runId, workflow, runKey])`,
    replace: `JSON.stringify([serverUrl, repository, workflow, runKey])`,
  },
  {
    id: 'one-submit/tag-attempt',
    breaks: '2: tags in the body: `attempt`',
    find: `attempt: run.attempt,`,
    replace: `attempt: run.runId,`,
  },
  {
    id: 'one-submit/tag-repository',
    breaks: '2: tags in the body: `repository`, `run-id`',
    find: `      repository: run.repository,\n`,
    replace: ``,
  },
  {
    id: 'one-submit/tag-run-id',
    breaks: '2: tags in the body: `repository`, `run-id`',
    find: `      'run-id': run.runId,\n`,
    replace: ``,
  },
  {
    id: 'one-submit/fingerprint-of-contents',
    breaks: '2: `fingerprint` (of the request, WITH FILE CONTENTS in place of upload URIs)',
    find: `(contents.get(value) ?? value)`,
    replace: `(contents.has(value) ? key : value)`,
  },
]);

const story = [
  ...mutantsOf('main.ts', [
    {
      id: 'one-submit/128-bit-nonce',
      breaks: '2: `submission` (a random 128-bit nonce)',
      find: `randomBytes(16)`,
      replace: `randomBytes(8)`,
    },
  ]),
  ...mutantsOf('auth/bearer.ts', [
    {
      id: 'one-submit/401-gets-a-new-token',
      breaks: '2: 401 started nothing: send again; 6: renewal once on 401',
      find: `await this.#tokens.replace(this.#scope, token)`,
      replace: `await this.#tokens.get(this.#scope)`,
    },
  ]),
  ...mutantsOf('job.ts', [
    {
      id: 'one-submit/only-a-full-capacity-again',
      breaks:
        '2, class 2: a batch that ends with the CAPACITY error … is submitted again (no other)',
      find: `end.kind === 'verdict' && end.verdict.code === 'CAPACITY_FULL';`,
      replace: `end.kind === 'verdict' && end.verdict.result === 'NotStarted';`,
    },
    {
      id: 'one-submit/full-capacity-again',
      breaks: '2: a batch that ends with the capacity error is submitted again WHILE … lasts',
      find: `if (!full || clock.now() + pause > capacityUntil)`,
      replace: `if (!full || attempt > 0 || clock.now() + pause > capacityUntil)`,
    },
    {
      id: 'one-submit/full-capacity-ends',
      breaks: '2: … is submitted again while `capacity-wait-minutes` LASTS',
      find: `const capacityUntil = clock.now() + step.inputs.capacityWaitMs;\n  for (let attempt = 0; ; attempt += 1) {`,
      replace: `for (let attempt = 0; ; attempt += 1) {\n    const capacityUntil = clock.now() + step.inputs.capacityWaitMs;`,
    },
  ]),
  ...mutantsOf('job/submission.ts', [
    {
      id: 'one-submit/new-nonce',
      breaks: '2: … is submitted again under a NEW nonce',
      find: `step.followed.length === 0 ? step.firstNonce : step.newNonce();`,
      replace: `step.followed.length >= 0 ? step.firstNonce : step.newNonce();`,
    },
  ]),
];

export const oneSubmit: readonly Mutant[] = [
  ...replies,
  ...transport,
  ...searching,
  ...list,
  ...request,
  ...story,
];
