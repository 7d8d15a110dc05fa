// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import { failed, type Answer, type WatchSign } from './ClusterTransport';
import { numberIn, recordIn, textIn } from './fields';
import { failureOfAnswer, failureOfError } from './transportFailures';
import { resourceVersionOf } from './trim';

/** A page of 500 Deployments is about 5 MB; more than this is no answer to our questions. */
const maximumBody = 64 * 1024 * 1024;
/** Kubernetes refuses objects above 3 MB. */
const maximumLine = 8 * 1024 * 1024;

/** Reads a whole JSON answer, bounded in size and time. */
export async function readJson(
  answer: IncomingMessage,
  timeout: number,
): Promise<Answer<unknown>> {
  const timer = setTimeout(
    () => answer.destroy(new Error('The answer took too long.')),
    timeout,
  );
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer) {
      size += chunk.length;
      if (size > maximumBody) {
        answer.destroy();
        return failed('malformed', 'The answer of the cluster is too large.');
      }
      chunks.push(chunk);
    }
    return { ok: true, value: JSON.parse(Buffer.concat(chunks).toString()) };
  } catch (error) {
    return error instanceof SyntaxError
      ? failed('malformed', 'The cluster sent something that is not JSON.')
      : failureOfError(error as Error);
  } finally {
    clearTimeout(timer);
  }
}

/** Reads text, bounded in time, and no further than `maximum` bytes. */
export async function readText(
  answer: IncomingMessage,
  maximum: number,
  timeout: number,
): Promise<Answer<string>> {
  const timer = setTimeout(
    () => answer.destroy(new Error('The answer took too long.')),
    timeout,
  );
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= maximum) break;
    }
    const text = Buffer.concat(chunks).subarray(0, maximum).toString();
    return { ok: true, value: text };
  } catch (error) {
    return failureOfError(error as Error);
  } finally {
    clearTimeout(timer);
    answer.destroy();
  }
}

class LineTooLong extends Error {}

/**
 * Reads an open watch line by line. Ends silently when the server ends it in order, when nothing
 * came for `idle` milliseconds, or when `signal` aborts; ends with a failure when it is cut or
 * when a line can not be understood.
 */
export async function* readSigns(
  answer: IncomingMessage,
  idle: number,
  signal: AbortSignal,
): AsyncGenerator<WatchSign, void, undefined> {
  let silent = false;
  answer.setTimeout(idle, () => {
    silent = true;
    answer.destroy();
  });
  try {
    for await (const line of lines(answer)) {
      const sign = signOf(line);
      yield sign;
      if (sign.type === 'failed') return;
    }
    if (!answer.complete) yield cut();
  } catch (error) {
    if (!silent && !signal.aborted) {
      yield error instanceof LineTooLong ? malformed() : cut();
    }
  } finally {
    answer.destroy();
  }
}

async function* lines(answer: IncomingMessage): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of answer) {
    rest += decoder.decode(chunk, { stream: true });
    if (rest.length > maximumLine) throw new LineTooLong();
    const complete = rest.split('\n');
    rest = complete.pop() ?? '';
    for (const line of complete) if (line.trim() !== '') yield line;
  }
  if (rest.trim() !== '') yield rest;
}

function signOf(line: string): WatchSign {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    return malformed();
  }
  const object = recordIn(event, 'object');
  switch (textIn(event, 'type')) {
    case 'ADDED':
      return { type: 'added', object };
    case 'MODIFIED':
      return { type: 'modified', object };
    case 'DELETED':
      return { type: 'deleted', object };
    case 'BOOKMARK': {
      const resourceVersion = resourceVersionOf(object);
      return resourceVersion === undefined
        ? malformed()
        : { type: 'bookmark', resourceVersion };
    }
    case 'ERROR':
      return {
        type: 'failed',
        failure: failureOfAnswer(numberIn(object, 'code') ?? 500, object)
          .failure,
      };
    default:
      return malformed();
  }
}

function malformed(): WatchSign {
  const { failure } = failed(
    'malformed',
    'The cluster sent an event that can not be read.',
  );
  return { type: 'failed', failure };
}

function cut(): WatchSign {
  const { failure } = failed('failing', 'The cluster cut the connection.');
  return { type: 'failed', failure };
}
