// SPDX-License-Identifier: Apache-2.0
import { NotAllowedError } from '@backstage/errors';
import { probeLabel } from '../probes/probeJob';

interface StagedJob {
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly node: string;
  ended?: { readonly exitCode?: number; readonly message?: string };
}

/** The Jobs of a cluster in memory: each ends when time passes, as it is told for its device. */
export class StagedProbes {
  readonly #jobs = new Map<string, StagedJob>();
  /** Devices on which a Job was made, in order. */
  readonly made: string[] = [];
  /** Devices on which the portal may make none, and those on which they do not begin in time. */
  readonly forbidden = new Set<string>();
  readonly hindered = new Set<string>();
  /** None ends. */
  endless = false;
  /** Most that were there for one device at the same time. */
  mostOfOne = 0;

  /** Names of the devices that have one now. */
  get devices(): readonly string[] {
    return [...this.#jobs.values()].map(({ node }) => node);
  }

  create(body: object): { readonly kind: 'created' | 'exists' } {
    const { metadata, spec } = body as {
      readonly metadata: StagedJob['metadata'];
      readonly spec: {
        readonly template: { readonly spec: { readonly nodeName: string } };
      };
    };
    if (this.#jobs.has(metadata.name)) return { kind: 'exists' };
    const node = spec.template.spec.nodeName;
    if (this.forbidden.has(node))
      throw new NotAllowedError('The portal may not create jobs.');
    this.#jobs.set(metadata.name, { metadata, node });
    this.made.push(node);
    const own = this.devices.filter(each => each === node).length;
    this.mostOfOne = Math.max(this.mostOfOne, own);
    return { kind: 'created' };
  }

  remove(name: string): void {
    this.#jobs.delete(name);
  }

  /** Jobs, or their pods, with the label of a wave. */
  list(kind: 'jobs' | 'pods', labels: string): readonly object[] {
    return [...this.#jobs.values()]
      .filter(
        ({ metadata }) =>
          labels === `${probeLabel}=${metadata.labels[probeLabel]}`,
      )
      .map(job => (kind === 'jobs' ? jobOf(job) : podOf(job)));
  }

  pass(isWell: (node: string) => boolean): void {
    if (this.endless) return;
    for (const job of this.#jobs.values())
      job.ended ??= this.#endOn(job.node, isWell);
  }

  #endOn(node: string, isWell: (node: string) => boolean): StagedJob['ended'] {
    if (this.hindered.has(node)) return {};
    return isWell(node)
      ? { exitCode: 0 }
      : { exitCode: 3, message: 'the belt stands still\n' };
  }
}

function jobOf({ metadata, ended }: StagedJob): object {
  const type = ended?.exitCode === 0 ? 'Complete' : 'Failed';
  return {
    metadata,
    status: { conditions: ended ? [{ type, status: 'True' }] : [] },
  };
}

function podOf({ metadata, ended }: StagedJob): object {
  const waiting = { reason: 'ImagePullBackOff', message: 'not found.' };
  const state =
    ended?.exitCode === undefined ? { waiting } : { terminated: ended };
  return {
    metadata: { labels: { 'batch.kubernetes.io/job-name': metadata.name } },
    status: { containerStatuses: [{ state }] },
  };
}
