// Decisions are pure: the same functions decide in the backend and explain in the browser, and a
// decision that is asked again must give the same answer.
const pure =
  'Decisions take the time as a value and have no chance, input or output of their own.';

const options = {
  restrictedImports: [
    'express',
    'knex',
    '@kubernetes/client-node',
    'fs',
    'http',
  ],
  restrictedSyntax: [
    {
      message: pure,
      selector:
        "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    },
    {
      message: pure,
      selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    },
    {
      message: pure,
      selector:
        "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    },
    {
      message: pure,
      selector: "MemberExpression[object.name='process'][property.name='env']",
    },
  ],
};

module.exports = require('@backstage/cli/config/eslint-factory')(
  __dirname,
  options,
);
