// SPDX-License-Identifier: Apache-2.0
import { redactSecrets } from '../../actions/kubernetes/redactSecrets';
import { listIn, numberIn, recordIn, textIn } from '../../clusters/fields';
import { jobCondition } from '../../clusters/jobs';
import type { ConfiguredProbe } from './readProbeConfig';

/** What a run of a probe has come to; `problem` and `obstacle` end a sentence. */
export type ProbeOutcome =
  | { readonly kind: 'running' }
  | { readonly kind: 'well' }
  | { readonly kind: 'failed'; readonly problem: string }
  /** It says nothing of the release. */
  | { readonly kind: 'hindered'; readonly obstacle: string };

/** Ends a sentence. */
export function notRun(probe: string, why: string): string {
  return `its probe ${probe} could not be run: ${why}`;
}

const longestTail = 200;
/** Kubelets tell whole seconds. */
const roundedOff = 1_000;

/** How a container ends that could not be started, or that somebody else ended: not by its own will. */
const notItsOwnEnd = new Set([
  'StartError',
  'ContainerCannotRun',
  'ContainerStatusUnknown',
  'OOMKilled',
]);

/**
 * What a probe's Job and its pods tell. Only a program that ran tells of the release: by its exit code, or
 * by running longer than it may. What never began, or what the device or the cluster ended, tells nothing.
 */
export function probeOutcome(
  { name, timeout }: Pick<ConfiguredProbe, 'name' | 'timeout'>,
  job: unknown,
  pods: readonly unknown[],
): ProbeOutcome {
  const complete = jobCondition(job, 'Complete');
  const failed = jobCondition(job, 'Failed');
  if (!complete && !failed) return { kind: 'running' };
  const hindered = (why: string): ProbeOutcome => ({
    kind: 'hindered',
    obstacle: notRun(name, tailOf(why)),
  });
  for (const pod of pods) {
    const end = endOf(pod);
    if (!end) continue;
    if (ranFor(end) > timeout * 1_000 + roundedOff)
      return {
        kind: 'failed',
        problem: `its probe ${name} took longer than ${timeout} s`,
      };
    const reason = textIn(end, 'reason') ?? '';
    const ended = notItsOwnEnd.has(reason) ? end : recordIn(pod, 'status');
    if (textIn(ended, 'reason')) return hindered(sayWhy(ended));
    const code = numberIn(end, 'exitCode');
    if (code === 0) return { kind: 'well' };
    const said = tailOf(textIn(end, 'message') ?? '');
    return {
      kind: 'failed',
      problem: `its probe ${name} ended with code ${code}${
        said && `: ${said}`
      }`,
    };
  }
  if (complete) return { kind: 'well' };
  // Its device has not told yet how it ended.
  if (pods.some(pod => stateOf(pod, 'running'))) return { kind: 'running' };
  const waiting = pods.flatMap(pod => stateOf(pod, 'waiting') ?? [])[0];
  const status = pods.map(pod => recordIn(pod, 'status'))[0];
  return hindered(
    [waiting, status, failed].map(sayWhy).find(why => why !== '') ??
      'no reason given',
  );
}

/** How the program of a pod ended; undefined when it did not, or never began. */
function endOf(pod: unknown) {
  const end = stateOf(pod, 'terminated');
  return numberIn(end, 'exitCode') === undefined ? undefined : end;
}

function stateOf(pod: unknown, state: 'terminated' | 'running' | 'waiting') {
  const [container] = listIn(recordIn(pod, 'status'), 'containerStatuses');
  return recordIn(recordIn(container, 'state'), state);
}

/** Both moments are by the clock of the device, so it does not matter what that says. */
function ranFor(end: unknown): number {
  const at = (key: string) => Date.parse(textIn(end, key) ?? '');
  const ran = at('finishedAt') - at('startedAt');
  return Number.isNaN(ran) ? 0 : ran;
}

function sayWhy(about: unknown): string {
  return [textIn(about, 'reason'), textIn(about, 'message')]
    .filter(Boolean)
    .join(': ');
}

/** The end of what somebody else wrote, on one line and without what looks like a secret or does more than show. */
function tailOf(text: string): string {
  const line = [...redactSecrets(text).replace(/\s+/g, ' ').trim()];
  const tail = line.slice(-longestTail).join('').replace(/\.+$/, '');
  return line.length > longestTail ? `…${tail}` : tail;
}
