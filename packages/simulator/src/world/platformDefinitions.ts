// SPDX-License-Identifier: Apache-2.0
import {
  anything,
  definition,
  object,
} from '../controllers/runtime/definitions';

const open = object({ spec: anything, status: anything }, ['spec']);

function kind(apiVersion: string, name: string, plural: string): object {
  return definition(
    { apiVersion, kind: name, plural, namespaced: true },
    { schema: open },
  );
}

/**
 * Kinds of the platform around the services: what is scraped, when people are called, and where
 * secrets come from. They are kept, and nobody acts on them: the world's metrics need no scraping.
 */
export const platformDefinitions: readonly object[] = [
  kind('monitoring.coreos.com/v1', 'ServiceMonitor', 'servicemonitors'),
  kind('monitoring.coreos.com/v1', 'PrometheusRule', 'prometheusrules'),
  kind('external-secrets.io/v1', 'ExternalSecret', 'externalsecrets'),
];
