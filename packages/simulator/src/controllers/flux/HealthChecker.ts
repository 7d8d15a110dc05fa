// SPDX-License-Identifier: Apache-2.0
import { Scheduler } from '../../time/Scheduler';
import { KubernetesClient } from '../runtime/KubernetesClient';
import type { HealthCheckExpressions } from './fluxObjects';
import { Health, healthOf } from './health';
import { healthByExpressions } from './healthExpressions';
import { ObjectIdentity, subjectName } from './inventory';

/** Objects that did not become healthy, in the words of the real controller. */
export class HealthCheckError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'HealthCheckError';
  }
}

interface Finding {
  readonly subject: ObjectIdentity;
  readonly health: Health;
}

/** Waits until applied objects are healthy, looking at them in steps. */
export class HealthChecker {
  constructor(
    private readonly client: KubernetesClient,
    private readonly scheduler: Scheduler,
    private readonly interval: number,
  ) {}

  /**
   * Resolves with the milliseconds it took until all subjects were healthy.
   * @throws HealthCheckError when one has failed for good, or the time is over.
   */
  async wait(
    subjects: readonly ObjectIdentity[],
    expressions: readonly HealthCheckExpressions[],
    timeout: number,
    signal: AbortSignal,
  ): Promise<number> {
    const started = this.scheduler.now().getTime();
    for (;;) {
      const findings = await Promise.all(
        subjects.map(subject => this.#look(subject, expressions)),
      );
      signal.throwIfAborted();
      const took = this.scheduler.now().getTime() - started;
      const open = findings.filter(({ health }) => health !== 'Current');
      if (open.length === 0) return took;
      const unsettled = open.some(({ health }) => health !== 'Failed');
      if (!unsettled)
        throw new HealthCheckError(
          `failed early due to stalled resources: [${listed(open)}]`,
        );
      if (took >= timeout)
        throw new HealthCheckError(`timeout waiting for: [${listed(open)}]`);
      const pause = Math.min(this.interval, timeout - took);
      await this.scheduler.sleep(pause, signal);
      signal.throwIfAborted();
    }
  }

  async #look(
    subject: ObjectIdentity,
    expressions: readonly HealthCheckExpressions[],
  ): Promise<Finding> {
    const resource = await this.client.resource(
      subject.apiVersion,
      subject.kind,
    );
    const object = resource && (await this.client.get(resource, subject));
    const own = expressions.find(
      ({ apiVersion, kind }) =>
        apiVersion === subject.apiVersion && kind === subject.kind,
    );
    const health =
      object && own
        ? healthByExpressions(object, own)
        : healthOf(object, subject.kind);
    return { subject, health };
  }
}

function listed(findings: readonly Finding[]): string {
  return findings
    .map(({ subject, health }) => `${subjectName(subject)} status: '${health}'`)
    .join(', ');
}
