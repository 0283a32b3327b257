import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';
import prettier from 'eslint-config-prettier';

/** The folders of src/, lowest first: a folder imports from itself and from those before it. */
const rooms = ['clock', 'errors', 'http', 'auth', 'fabric', 'github', 'livy', 'log', 'report'];
/** Rooms of one row do not import each other: what they share is handed to them by the job. */
const sideBySide = ['fabric', 'github', 'livy', 'log', 'report'];

/** The top rows: the job's story, its inputs and the runner are handed down as interfaces. */
const top = ['job', 'cleanup', 'main', 'post', 'inputs', 'runner'];

const above = (room) => [
  ...new Set([
    ...rooms.slice(rooms.indexOf(room) + 1),
    ...(sideBySide.includes(room) ? sideBySide.filter((other) => other !== room) : []),
    ...top,
  ]),
];

const arrows = rooms.map((room) => ({
  files: [`src/${room}.ts`, `src/${room}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        paths: [{ name: '@actions/core', message: 'Only src/runner.ts talks to the runner.' }],
        patterns: above(room).map((other) => ({
          regex: `^\\.{1,2}/(${other}/.*|${other}\\.ts)$`,
          message: `Arrows run one way: ${room} does not import ${other}.`,
        })),
      },
    ],
  },
}));

const pureSrc = {
  files: ['src/**/*.ts'],
  ignores: ['src/main.ts', 'src/post.ts', 'src/clock.ts'],
  rules: {
    'no-restricted-globals': [
      'error',
      { name: 'process', message: 'Only main.ts and post.ts touch process; hand the value in.' },
      { name: 'setTimeout', message: 'Time comes in as a Clock.' },
      { name: 'setInterval', message: 'Time comes in as a Clock.' },
    ],
    'no-restricted-properties': [
      'error',
      { object: 'Date', property: 'now', message: 'Time comes in as a Clock.' },
      { object: 'Math', property: 'random', message: 'Randomness is handed in.' },
    ],
  },
};

export default tseslint.config(
  { ignores: ['dist/**', 'coverage/**', 'node_modules/**'] },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['**/*.js'],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', Buffer: 'readonly' },
      parserOptions: { projectService: false, program: null, project: false },
    },
  },
  {
    files: ['src/*.ts'],
    ignores: ['src/runner.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { paths: [{ name: '@actions/core', message: 'Only src/runner.ts talks to the runner.' }] },
      ],
    },
  },
  ...arrows,
  pureSrc,
  prettier,
);
