module.exports = require('@backstage/cli/config/eslint-factory')(__dirname, {
  rules: {
    // The story is a function that registers tests, so that it can be told of several surroundings.
    'jest/no-export': 'off',
    // Nothing here is ever built, so folders are where they are in the checkout.
    'no-restricted-syntax': 'off',
  },
});
