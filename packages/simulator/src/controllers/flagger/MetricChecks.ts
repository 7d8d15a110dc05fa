// SPDX-License-Identifier: Apache-2.0
import type { CanaryHooks } from './CanaryHooks';
import { Canary, CanaryMetric, metricTemplates } from './flaggerObjects';
import type { FlaggerSurroundings } from './FlaggerSurroundings';
import {
  builtInQuery,
  builtInValue,
  complaintAbout,
  renderQuery,
} from './metrics';

type Surroundings = Pick<
  FlaggerSurroundings,
  'cluster' | 'settings' | 'query'
> & { readonly hooks: Pick<CanaryHooks, 'note' | 'warn'> };

const ownMetrics = ['request-success-rate', 'request-duration'];

/** The metrics of a canary, one after another until one is not as it should be. */
export class MetricChecks {
  constructor(
    private readonly canary: Canary,
    private readonly provider: string,
    private readonly flagger: Surroundings,
  ) {}

  /** Says whether the servers can be asked; it is only told, never in the way. */
  async announce(): Promise<void> {
    const { hooks, query } = this.flagger;
    try {
      for (const metric of this.#metrics()) {
        const { server } = await this.#question(metric);
        if ((await query(server, 'vector(1)')) !== 1)
          throw new Error('prometheus not avaiable: value is not 1');
      }
    } catch (error) {
      await hooks.warn(`Error checking metric providers: ${messageOf(error)}`);
      return;
    }
    await hooks.note('all the metrics providers are available!');
  }

  /** Whether every metric is within its range now. */
  async pass(): Promise<boolean> {
    // Flagger's own metrics and queries come first, then those with templates.
    const metrics = this.#metrics();
    const inOrder = [
      ...metrics.filter(({ templateRef }) => !templateRef),
      ...metrics.filter(({ templateRef }) => templateRef),
    ];
    for (const metric of inOrder) {
      const problem = await this.#problemWith(metric);
      if (problem !== undefined) {
        await this.flagger.hooks.warn(problem);
        return false;
      }
    }
    return true;
  }

  async #problemWith(metric: CanaryMetric): Promise<string | undefined> {
    const { name, namespace } = this.canary.metadata;
    let value: number | undefined;
    try {
      const { server, query } = await this.#question(metric);
      value = await this.flagger.query(server, query);
    } catch (error) {
      return ownMetrics.includes(metric.name)
        ? `Prometheus query failed: ${messageOf(error)}`
        : `Metric query failed for ${metric.name}: ${messageOf(error)}`;
    }
    if (value === undefined) return this.#emptyAnswer(metric);
    const isOwn = !metric.templateRef && metric.query === undefined;
    const measured = isOwn
      ? builtInValue(this.provider, metric.name, value)
      : value;
    const complaint = complaintAbout(metric, measured);
    return complaint && `Halt ${name}.${namespace} advancement ${complaint}`;
  }

  #emptyAnswer(metric: CanaryMetric): string {
    const { namespace } = this.canary.metadata;
    const target = this.canary.spec.targetRef.name;
    if (ownMetrics.includes(metric.name)) {
      return `Halt advancement no values found for ${this.provider} metric ${metric.name} probably ${target}.${namespace} is not receiving traffic: no values found`;
    }
    return metric.templateRef
      ? `Halt advancement no values found for custom metric: ${metric.name}: no values found`
      : `Halt advancement no values found for metric: ${metric.name}`;
  }

  /** Whom to ask and what. */
  async #question(
    metric: CanaryMetric,
  ): Promise<{ readonly server: string; readonly query: string }> {
    const { cluster, settings } = this.flagger;
    const server = this.canary.spec.metricsServer ?? settings.metricsServer;
    const render = (query: string) => renderQuery(query, this.canary, metric);
    if (metric.templateRef) {
      const { name, namespace = this.canary.metadata.namespace } =
        metric.templateRef;
      const template = await cluster.client.get(metricTemplates, {
        name,
        namespace,
      });
      if (!template) {
        throw new Error(
          `metric template ${name}.${namespace} error: metrictemplate.flagger.app "${name}" not found`,
        );
      }
      const { provider, query } = template.spec;
      if (provider.type !== 'prometheus')
        throw new Error(`the provider ${provider.type} is not simulated`);
      return { server: provider.address ?? server, query: render(query) };
    }
    const query = metric.query ?? builtInQuery(this.provider, metric.name);
    if (query === undefined) {
      throw new Error('no usable metrics template and query were configured');
    }
    return { server, query: render(query) };
  }

  #metrics(): readonly CanaryMetric[] {
    return this.canary.spec.analysis?.metrics ?? [];
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
