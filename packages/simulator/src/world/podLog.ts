// SPDX-License-Identifier: Apache-2.0
import type { PodLogs } from '../apiserver';
import type { Clock } from '../time/Scheduler';

/** What the containers of the demo print: what a small service says when it starts. */
export function podLog(now: Clock): PodLogs {
  return (namespace, pod, container, { timestamps, tailLines }) => {
    const lines = [
      `{"level":"info","msg":"starting","service":"${container}","namespace":"${namespace}","pod":"${pod}"}`,
      '{"level":"info","msg":"listening","address":":8080"}',
      '{"level":"info","msg":"ready"}',
    ];
    const stamped = timestamps
      ? lines.map(line => `${now().toISOString()} ${line}`)
      : lines;
    return stamped
      .slice(
        tailLines === undefined ? 0 : Math.max(0, stamped.length - tailLines),
      )
      .map(line => `${line}\n`)
      .join('');
  };
}
