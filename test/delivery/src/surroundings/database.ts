// SPDX-License-Identifier: Apache-2.0

const VARIABLE = 'BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING';

/**
 * Portal configuration for the PostgreSQL server of the test run. Each portal gets databases with a
 * prefix of its own, so that suites share one server and nothing else.
 */
export function databaseConfig(prefix: string): object {
  const connection = process.env[VARIABLE];
  if (!connection) {
    throw new Error(
      `${VARIABLE} is not set. Run these tests by npm test, which starts PostgreSQL from npm.`,
    );
  }
  const { hostname, port, username, password } = new URL(connection);
  return {
    client: 'pg',
    prefix,
    connection: {
      host: hostname,
      port: Number(port),
      user: username,
      password,
    },
  };
}
