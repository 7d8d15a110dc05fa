// SPDX-License-Identifier: Apache-2.0
import { listIn, recordIn, textIn } from '../clusters/fields';

/** Why a Prometheus server did not give us what we asked for. */
export interface PrometheusFailure {
  /**
   * - `unreachable`: no connection could be made.
   * - `unauthorized`: it refused who we are.
   * - `refused`: it does not answer such a question; the sentence has its reason.
   * - `malformed`: it sent something that can not be read or can not be true.
   * - `tooLarge`: it sent more than we take.
   * - `failing`: it broke off, answered an error of its own, or nothing in time.
   */
  readonly kind:
    | 'unreachable'
    | 'unauthorized'
    | 'refused'
    | 'malformed'
    | 'tooLarge'
    | 'failing';
  /** A sentence a person can act on, to be put behind the server's name; holds no address and no credential. */
  readonly problem: string;
}

/** The answer of a Prometheus server. A failure is data, never thrown. */
export type PrometheusAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: PrometheusFailure };

/** A refusal as an answer. */
export function failed(
  kind: PrometheusFailure['kind'],
  problem: string,
): { readonly ok: false; readonly failure: PrometheusFailure } {
  return { ok: false, failure: { kind, problem } };
}

type Failed = ReturnType<typeof failed>;

/** Errors before anything was sent: the address or the network is wrong, or nobody is there. */
const noConnection: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections; check that it runs',
  ENOTFOUND: 'has a name that is not known; check its address',
  EAI_AGAIN: 'has a name that could not be looked up',
  EHOSTUNREACH: 'can not be reached: there is no route to it',
  ENETUNREACH: 'can not be reached: there is no network',
  ETIMEDOUT: 'can not be reached: no connection came about in time',
  UND_ERR_CONNECT_TIMEOUT:
    'can not be reached: no connection came about in time',
};

/** Sorts an error of Node's `fetch`. Its message is left out: it may hold an address. */
export function failureOfError(error: unknown): Failed {
  const code = codeOf(error);
  if (code in noConnection) return failed('unreachable', noConnection[code]);
  if (/CERT|SELF_SIGNED|TLS|SSL|EPROTO|UNABLE_TO_/.test(code)) {
    return failed(
      'unreachable',
      `has a certificate that is not trusted (${code})`,
    );
  }
  return failed('failing', `broke off the connection${code && ` (${code})`}`);
}

/** The code lies in the cause, or in the first of several causes when a name has several addresses. */
function codeOf(error: unknown): string {
  const inner = recordIn(error, 'cause') ?? listIn(error, 'errors')[0];
  return textIn(error, 'code') ?? (inner === undefined ? '' : codeOf(inner));
}

/**
 * Sorts an answer that is not of the 2xx class.
 * @param message - what Prometheus says about it, without credentials
 */
export function failureOfStatus(status: number, message?: string): Failed {
  const reason = message ? `: ${message}` : '';
  if (status === 401 || status === 403) {
    return failed(
      'unauthorized',
      `does not accept the credential of the portal (${status})`,
    );
  }
  if (status >= 300 && status < 400) {
    return failed(
      'refused',
      'answers with a redirection; configure the address it redirects to',
    );
  }
  if (status === 404) {
    return failed(
      'refused',
      'has no query API at its address; configure the address above /api/v1',
    );
  }
  return status === 429 || status >= 500
    ? failed('failing', `answered with status ${status}${reason}`)
    : failed('refused', `refused a query (${status})${reason}`);
}
