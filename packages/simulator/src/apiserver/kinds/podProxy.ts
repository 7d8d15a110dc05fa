// SPDX-License-Identifier: Apache-2.0
import { listAt, textAt, type KubeObject } from '../objects';
import { serviceUnavailable } from '../status';
import type { PodAnswer, SubresourceHandler } from './Subresource';

/**
 * `GET pods/http:NAME:PORT/proxy/PATH`: what the program of a pod answers. What the API server could not
 * reach it answers itself, with a `Status`.
 */
export const podProxy: SubresourceHandler = {
  kind: 'PodProxyOptions',
  verbs: ['get'],
  takesPath: true,
  objectNamed: text => addressIn(text).name,
  get({ object, address, path, askPod }) {
    const { port } = addressIn(address);
    if (textAt(object, 'status', 'phase') !== 'Running')
      throw serviceUnavailable(
        `error trying to reach service: dial tcp ${
          textAt(object, 'status', 'podIP') || object.metadata.name
        }:${port}: connect: connection refused`,
      );
    const { code, text } =
      askPod({ port, path: `/${path.join('/')}` }) ?? readinessOf(object);
    return { kind: 'text', code, chunks: once(text) };
  },
};

/** `NAME`, `NAME:PORT` or `SCHEME:NAME:PORT`. */
function addressIn(text: string): {
  readonly name: string;
  readonly port: number;
} {
  const parts = text.split(':');
  const [name, port = '80'] = parts.length === 3 ? parts.slice(1) : parts;
  return { name, port: Number(port) || 80 };
}

/** A program that says whether its pod is ready. */
function readinessOf(pod: KubeObject): PodAnswer {
  const isReady = listAt(pod, 'status', 'conditions').some(
    each =>
      textAt(each, 'type') === 'Ready' && textAt(each, 'status') === 'True',
  );
  return isReady
    ? { code: 200, text: 'ok\n' }
    : { code: 503, text: 'not ready\n' };
}

async function* once(text: string): AsyncIterable<string> {
  yield text;
}
