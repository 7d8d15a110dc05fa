module.exports = require('@backstage/cli/config/eslint-factory')(__dirname, {
  rules: {
    // A story is a function that registers tests, so that several are told in one portal.
    'jest/no-export': 'off',
    // Waiting until a person sees something is what these tests assert.
    'jest/expect-expect': 'off',
  },
});
