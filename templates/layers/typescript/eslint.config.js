import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  // k6 runs load tests in a world of its own.
  { ignores: ['dist', 'load', 'reports'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
  },
  {
    // node:test registers a test and returns a promise that nobody has to wait for.
    files: ['test/**'],
    rules: { '@typescript-eslint/no-floating-promises': 'off' },
  },
);
