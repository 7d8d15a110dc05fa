module.exports = require('@backstage/cli/config/eslint-factory')(__dirname, {
  rules: {
    // Suites are functions that register tests, so that two test files can run the same.
    'jest/no-export': 'off',
  },
});
