import { mutantsOf, type Mutant } from './mutant.ts';

/** Rule 8: no secrets out. */
export const secrets: readonly Mutant[] = [
  ...mutantsOf('job/connect.ts', [
    {
      id: 'secrets/masked',
      breaks: '8: secret, tokens, assertions are MASKED before anything can print them',
      find: `    runner.mask(secret);\n`,
      replace: ``,
    },
    {
      id: 'secrets/out-of-the-log',
      breaks: '5, 8: secrets replaced in the shown log',
      find: `    secrets.push(secret);\n`,
      replace: ``,
    },
    {
      id: 'secrets/forms-of-the-secret',
      breaks: '8: SECRET … masked (in the forms that programs print)',
      find: `secretForms(inputs.clientSecret, inputs.clientId).forEach(keep);`,
      replace: `secretForms(inputs.clientSecret, inputs.clientId).slice(1).forEach(keep);`,
    },
    {
      id: 'secrets/assertion',
      breaks: '8: secret, tokens, ASSERTIONS are masked',
      find: `      keep(token);\n`,
      replace: ``,
    },
    {
      id: 'secrets/tokens',
      breaks: '8: secret, TOKENS, assertions are masked',
      find: `exchange, clock, onNew: keep });`,
      replace: `exchange, clock, onNew: (token) => secrets.push(token) });`,
    },
  ]),
  ...mutantsOf('auth/tokens.ts', [
    {
      id: 'secrets/every-token',
      breaks: '8: TOKENS are masked (each, a renewed one as well)',
      find: `    this.#onNew(token.value);\n`,
      replace: `    if (!this.#held.has(scope)) this.#onNew(token.value);\n`,
    },
  ]),
  ...mutantsOf('auth/secret-forms.ts', [
    {
      id: 'secrets/lines',
      breaks: '8: secret … masked (each of its lines)',
      find: `    ...secret.split(/\\r?\\n/),\n`,
      replace: ``,
    },
    {
      id: 'secrets/url-encoded',
      breaks: '8: secret … masked (URL-encoded)',
      find: `    encodeURIComponent(secret),\n`,
      replace: ``,
    },
    {
      id: 'secrets/form-encoded',
      breaks: '8: secret … masked (as in a form)',
      find: `    form,\n`,
      replace: `    form.slice(form.length),\n`,
    },
    {
      id: 'secrets/json',
      breaks: '8: secret … masked (as in JSON)',
      find: `    JSON.stringify(secret).slice(1, -1),\n`,
      replace: ``,
    },
    {
      id: 'secrets/authorization-header',
      breaks: '8: secret … masked (base64 of `id:secret`)',
      find: '[secret, `${clientId}:${secret}`].flatMap',
      replace: '[secret, `${secret}:${clientId}`].flatMap',
    },
    {
      id: 'secrets/base64url',
      breaks: '8: secret … masked (base64 in both alphabets)',
      find: `Buffer.from(text).toString('base64url')];`,
      replace: `Buffer.from(text).toString('base64')];`,
    },
  ]),
  ...mutantsOf('http/refusal.ts', [
    {
      id: 'secrets/raw-responses',
      breaks: '8: raw responses are not printed (they echo `args` and `conf`)',
      find: `?? text(body['msg']) ?? text(answer.json),`,
      replace: `?? text(body['msg']) ?? text(answer.text),`,
    },
  ]),
  ...mutantsOf('http/client.ts', [
    {
      id: 'secrets/redirects',
      breaks: '8: redirects … elsewhere are refused',
      find: `if (reply.status >= 300 && reply.status < 400 && reply.status !== 304) {`,
      replace: `if (reply.status >= 300 && reply.status < 307 && reply.status !== 304) {`,
    },
  ]),
  ...mutantsOf('inputs.ts', [
    {
      id: 'secrets/warns-of-args',
      breaks: '8: a key that looks like a password in ARGS or conf warns',
      find: `if (where.length === 0) return [];`,
      replace: `if (keys.length === 0) return [];`,
    },
    {
      id: 'secrets/warns-of-conf',
      breaks: '8: a key that looks like a password in args or CONF warns',
      find: `if (where.length === 0) return [];`,
      replace: `if (flags.length === 0) return [];`,
    },
  ]),
  ...mutantsOf('inputs/forms.ts', [
    {
      id: 'secrets/warns-without-the-value',
      breaks: '8: a key that looks like a password … warns (and is not printed)',
      find: `looksSecret(key) && !isValue ? [key] : []`,
      replace: `looksSecret(key) && !isValue ? [arg] : []`,
    },
    {
      id: 'secrets/a-value-is-no-key',
      breaks: '8: a key that looks like a password … warns (the value behind it is not printed)',
      find: `looksSecret(key) && !isValue`,
      replace: `looksSecret(key)`,
    },
    {
      id: 'secrets/looks-like-a-password',
      breaks: '8: a key that LOOKS LIKE A PASSWORD warns',
      find: `/passw(or)?d|`,
      replace: `/^passw(or)?d|`,
    },
    {
      id: 'secrets/looks-like-an-account-key',
      breaks: '8: a key that looks like a password warns (a storage account’s key)',
      find: `|account[._-]?key|`,
      replace: `|`,
    },
  ]),
];
