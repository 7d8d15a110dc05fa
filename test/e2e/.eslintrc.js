module.exports = require('@backstage/cli/config/eslint-factory')(__dirname, {
  testRules: {
    // Waiting until a person sees something is what these tests assert.
    'jest/expect-expect': [
      'error',
      { assertFunctionNames: ['expect', 'shows', 'isWell'] },
    ],
  },
});
