import { mutantsOf, type Mutant } from './mutant.ts';

/** Rule 7: polite. */
export const polite: readonly Mutant[] = [
  ...mutantsOf('job/progress.ts', [
    {
      id: 'polite/progress-within-the-budget',
      breaks: '7: progress only within what the budget LEAVES',
      find: `if (monitoring.freeAt() > now || monitoring.room(planned) < 2) return;`,
      replace: `if (monitoring.freeAt() > now) return;`,
    },
    {
      id: 'polite/progress-rarely',
      breaks: '7: an hour with both logs moving costs at most 1,100 requests',
      find: `longest: 180_000, share: 0.1 };`,
      replace: `longest: 30_000, share: 0.1 };`,
    },
    {
      id: 'polite/progress-given-up',
      breaks: '7: what another try does not change is not asked again',
      find: `if (!refused && this.#failures < failing.most) return;`,
      replace: `if (refused || this.#failures < failing.most) return;`,
    },
  ]),
  ...mutantsOf('job/follow.ts', [
    {
      id: 'polite/status-before-log',
      breaks: '7: a tick reads STATUS and logs (also while the log is refused with pauses)',
      find: `Math.min(livy.freeAt(), this.#readableAt + limits.outageMs);`,
      replace: `Math.min(livy.pausedUntil(), this.#readableAt + limits.outageMs);`,
    },
    {
      id: 'polite/first-ticks',
      breaks: '7: ticks are 2 S apart at first',
      find: `const tick = { shortest: 2_000,`,
      replace: `const tick = { shortest: 5_000,`,
    },
    {
      id: 'polite/share-of-the-age',
      breaks: '7: then 2 % of the age',
      find: `share: 0.02 };`,
      replace: `share: 0.002 };`,
    },
    {
      id: 'polite/longest-tick',
      breaks: '7: 15 s at most',
      find: `longest: 15_000, share`,
      replace: `longest: 60_000, share`,
    },
    {
      id: 'polite/age-restarts',
      breaks: '7: the age (WHICH RESTARTS when the application starts)',
      find: `const age = now - (facts.runningAt ?? acceptedAt);`,
      replace: `const age = now - acceptedAt;`,
    },
    {
      id: 'polite/jitter',
      breaks: '7: jitter',
      find: `0.9 + random() / 5;`,
      replace: `1 + random() * 0;`,
    },
    {
      id: 'polite/one-read-until-the-start',
      breaks: '7: until the application starts a tick is ONE status read',
      find: `const application = facts.applicationId;`,
      replace: `const application = facts.applicationId ?? (facts.state && 'none');`,
    },
  ]),
  ...mutantsOf('http/retry-after.ts', [
    {
      id: 'polite/retry-after-seconds',
      breaks: '7: `Retry-After` obeyed (seconds)',
      find: `return now + Number(header) * 1_000;`,
      replace: `return now + Number(header);`,
    },
    {
      id: 'polite/retry-after-date',
      breaks: '7: `Retry-After` obeyed (a date)',
      find: `if (!Number.isNaN(date)) return Math.max(date, now);`,
      replace: `if (!Number.isNaN(date)) return Math.min(date, now);`,
    },
    {
      id: 'polite/until-text',
      breaks: '7: `until:` texts obeyed',
      find: `return Number.isNaN(time) ? undefined : Math.max(time, now);`,
      replace: `return Number.isNaN(time) ? undefined : Math.min(time, now);`,
    },
    {
      id: 'polite/until-is-utc',
      breaks: '7: `until:` texts obeyed (they are UTC, the runner’s clock may not be)',
      find: 'Date.parse(`${until} UTC`)',
      replace: 'Date.parse(`${until}`)',
    },
    {
      id: 'polite/until-morning',
      breaks: '7: `until:` texts obeyed (AM as well as PM)',
      find: `?[AP]M)`,
      replace: `?PM)`,
    },
  ]),
  ...mutantsOf('http/client.ts', [
    {
      id: 'polite/pause-of-stages-is-theirs',
      breaks: '3, 7: a pause that stages ask for holds nothing else',
      find: `busy.has(reply.status) && !request.optional;`,
      replace: `busy.has(reply.status);`,
    },
    {
      id: 'polite/retry-after-kept',
      breaks: '7: `Retry-After` obeyed (by every later request to that service)',
      find: `if (until !== undefined) this.#pauses.set(originOf(url), until);`,
      replace: `if (until !== undefined) this.#pauses.set(url, until);`,
    },
    {
      id: 'polite/until-kept',
      breaks: '7: `until:` texts obeyed (by every later request to that service)',
      find: `retryAt(reply.headers, text, this.#clock.now());\n    if (until`,
      replace: `retryAt(reply.headers, '', this.#clock.now());\n    if (until`,
    },
    {
      id: 'polite/pause-of-every-request',
      breaks: '7: `Retry-After` obeyed (by EVERY later request: a log read as well)',
      find: `if (request.urgent) this.#take(request);`,
      replace: `if (request.urgent || !request.unlessAborted) this.#take(request);`,
    },
    {
      id: 'polite/place-in-the-budget',
      breaks: '7: `requests-per-minute` (requests side by side take a place each)',
      find: `    this.#take(request);\n  }\n`,
      replace: `    void Promise.resolve().then(() => this.#take(request));\n  }\n`,
    },
    {
      id: 'polite/429-is-tried-again',
      breaks: '7: `Retry-After` obeyed (a look-up that is throttled waits and goes on)',
      find: `new Set([408, 429, 500,`,
      replace: `new Set([408, 500,`,
    },
    {
      id: 'polite/waits-as-told',
      breaks: '7: `Retry-After` obeyed (by a look-up)',
      find: `        asked ?? 0,\n`,
      replace: `        0,\n`,
    },
    {
      id: 'polite/counted',
      breaks: '7: requests are COUNTED and shown',
      find: `this.#sent += 1;`,
      replace: `if (!request.urgent && request.method === 'GET') this.#sent += 1;`,
    },
    {
      id: 'polite/429-slows-down',
      breaks: '7: a 429 halves our rate (any 429, of a log as well)',
      find: `?.refused(this.#clock.now());`,
      replace: `;`,
    },
    {
      id: 'polite/budget',
      breaks: '2, `requests-per-minute`: budget of the identity (every request counts)',
      find: `    this.#rates.get(originOf(request.url))?.take(this.#clock.now());\n`,
      replace: `    if (request.method !== 'GET') this.#rates.get(originOf(request.url))?.take(this.#clock.now());\n`,
    },
  ]),
  ...mutantsOf('http/rate.ts', [
    {
      id: 'polite/halves',
      breaks: '7: a 429 HALVES our rate',
      find: `Math.min(this.#limitAt(now), lately) / 2)`,
      replace: `Math.min(this.#limitAt(now), lately))`,
    },
    {
      id: 'polite/halves-what-we-sent',
      breaks: '7: a 429 halves OUR RATE (what was sent, which may be far below the budget)',
      find: `Math.min(this.#limitAt(now), lately) / 2)`,
      replace: `Math.max(this.#limitAt(now), lately) / 2)`,
    },
    {
      id: 'polite/one-burst',
      breaks: '7: a 429 halves our rate (refusals of one burst count as one)',
      find: `    if (now - this.#refusedAt < burst) return;\n`,
      replace: ``,
    },
    {
      id: 'polite/calm-restores',
      breaks: '7: calm RESTORES it',
      find: `this.#limit = Math.min(this.#budget, this.#limit * 2);`,
      replace: `this.#limit = Math.min(this.#budget, this.#limit * 1);`,
    },
    {
      id: 'polite/only-calm-restores',
      breaks: '7: CALM restores it (not time alone: a new 429 starts the minute anew)',
      find: `    this.#calmSince = now;\n`,
      replace: `    this.#calmSince ||= now;\n`,
    },
    {
      id: 'polite/no-more-than-the-budget',
      breaks: '2, `requests-per-minute`: budget of the identity',
      find: `const before = this.#sent.at(-count);`,
      replace: `const before = this.#sent.at(-2 * count);`,
    },
  ]),
  ...mutantsOf('job/connect.ts', [
    {
      id: 'polite/budget-of-fabric',
      breaks: '2, `requests-per-minute`: budget of the identity',
      find: `new URL(inputs.livyUrl ?? inputs.endpoints.fabric).origin;`,
      replace: `new URL(inputs.livyUrl ?? inputs.endpoints.portal).origin;`,
    },
  ]),
  ...mutantsOf('inputs.ts', [
    {
      id: 'polite/budget-is-shared',
      breaks: '2, `requests-per-minute`: … DIVIDED by `strategy.job-total`',
      find: `reader.parsed('requests-per-minute', parseCount, 120) /`,
      replace: `reader.parsed('requests-per-minute', parseCount, 120) *`,
    },
    {
      id: 'polite/default-budget',
      breaks: '2, `requests-per-minute`: default 120',
      find: `reader.parsed('requests-per-minute', parseCount, 120) /`,
      replace: `reader.parsed('requests-per-minute', parseCount, 1200) /`,
    },
  ]),
  ...mutantsOf('job/outcome.ts', [
    {
      id: 'polite/shown',
      breaks: '7: requests are counted and SHOWN',
      find: '[facts.result, ...spans, `${facts.requests} requests`]',
      replace: '[facts.result, ...spans]',
    },
  ]),
  ...mutantsOf('job.ts', [
    {
      id: 'polite/shown-as-counted',
      breaks: '7: requests are counted and shown',
      find: `requests: services.http.sent,`,
      replace: `requests: step.facts.requests,`,
    },
  ]),
];
