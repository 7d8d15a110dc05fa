// SPDX-License-Identifier: Apache-2.0
import type { Socket } from 'node:net';
import { failed } from './ClusterTransport';
import { textIn } from './fields';

type Failed = ReturnType<typeof failed>;

/** Errors before anything was sent: the address, the network or the certificate is wrong. */
const noConnection: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The connection was refused. Check that the cluster runs.',
  ENOTFOUND: 'The name of the cluster is not known. Check its address.',
  EAI_AGAIN: 'The name of the cluster could not be looked up.',
  EHOSTUNREACH: 'There is no route to the cluster.',
  ENETUNREACH: 'There is no network to the cluster.',
  ETIMEDOUT: 'No connection came about in time.',
};

/** Sorts an error of Node's HTTP client. The message of an unknown one is left out: it may hold an address. */
export function failureOfError(error: Error): Failed {
  const code = 'code' in error ? String(error.code) : '';
  if (code in noConnection) return failed('unreachable', noConnection[code]);
  if (/CERT|SELF_SIGNED|TLS|SSL|EPROTO|UNABLE_TO_/.test(code)) {
    return failed(
      'unreachable',
      `The certificate of the cluster is not trusted (${code}). Check caFile or caData.`,
    );
  }
  return failed(
    'failing',
    `The connection to the cluster broke off${code && ` (${code})`}.`,
  );
}

/** No answer in time: without a connection the cluster is out of reach, with one it hangs. */
export function unanswered(socket: Socket | null, timeout: number): Failed {
  const seconds = timeout / 1000;
  return !socket || socket.connecting
    ? failed('unreachable', `No connection came about within ${seconds} s.`)
    : failed('failing', `The cluster did not answer within ${seconds} s.`);
}

/** Sorts an answer that is not of the 2xx class, with the `Status` that Kubernetes puts in the body. */
export function failureOfAnswer(status: number, body: unknown): Failed {
  const message = statusMessage(body);
  switch (status) {
    case 401:
      return failed(
        'forbidden',
        'The cluster does not accept the credential of the portal.',
      );
    case 403:
      return failed(
        'forbidden',
        `The cluster forbids it: ${message ?? 'no reason given'}.`,
      );
    case 404:
      return failed('missing', message ?? 'The cluster has no such object.');
    case 409:
      return failed('conflict', message ?? 'The object was changed meanwhile.');
    case 410:
      return failed('expired', 'The cluster has forgotten this version.');
    case 429:
      return failed('busy', message ?? 'The cluster is too busy.');
    default:
      return failed(
        'failing',
        `The cluster answered with status ${status}${
          message ? `: ${message}` : ''
        }.`,
      );
  }
}

/** The sentence of a Kubernetes `Status`, cut to a readable length. */
export function statusMessage(body: unknown): string | undefined {
  return textIn(body, 'message')?.slice(0, 300).replace(/\.$/, '') || undefined;
}
