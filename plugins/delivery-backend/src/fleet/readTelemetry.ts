// SPDX-License-Identifier: Apache-2.0
import type {
  Complaint,
  Reading,
  ReadingName,
  Telemetry,
} from '@causeway/plugin-delivery-common';
import type { PrometheusSource } from '../monitoring/createCanaryMetrics';
import type { Series } from '../monitoring/series';
import {
  decodeThrottled,
  scrapeTimeQuery,
  telemetryAdapters,
  writeQuery,
  type TelemetryAdapter,
} from './telemetryAdapters';

/** What is being put together for one device. */
interface Draft {
  readings: Partial<Record<ReadingName, Reading>>;
  throttled?: Complaint;
  undervoltage?: Complaint;
}

/** The measurements of a cluster, and what could not be asked. */
export interface TelemetryReading {
  /** By node. What nobody reports is absent. */
  readonly measured: ReadonlyMap<string, Telemetry>;
  /** A sentence for each question that failed. */
  readonly problems: readonly string[];
}

/**
 * Measures all devices of a cluster: one query for each metric, whatever their number. A query that
 * fails takes nothing away from the others. Instants are those of the scrapes where the server tells
 * them, and of the question else.
 */
export async function readTelemetry(
  source: PrometheusSource,
  options: { readonly cluster: string; readonly nodeLabel: string },
  signal: AbortSignal,
): Promise<TelemetryReading> {
  const { nodeLabel, cluster } = options;
  const label = source.clusterLabel;
  const filled = (query: string) =>
    writeQuery(query, {
      nodeLabel,
      ...(label !== undefined && { cluster: { label, name: cluster } }),
    });
  const [times, ...answers] = await Promise.all(
    [scrapeTimeQuery, ...telemetryAdapters.map(({ query }) => query)].map(
      query => source.client.instant(filled(query), signal),
    ),
  );
  const scrapedAt = new Map(
    (times.ok ? times.value : []).flatMap(({ labels, samples: [sample] }) => {
      const seconds = sample?.value;
      return Number.isFinite(seconds)
        ? [[scrapeKey(labels, nodeLabel), seconds * 1000] as const]
        : [];
    }),
  );
  const drafts = new Map<string, Draft>();
  const problems: string[] = [];
  answers.forEach((answer, index) => {
    if (!answer.ok) {
      problems.push(`${source.name} ${answer.failure.problem}`);
      return;
    }
    for (const series of answer.value) {
      const node = nodeIn(series.labels, nodeLabel);
      const scraped = scrapedAt.get(scrapeKey(series.labels, nodeLabel));
      // Where scrapes are told of, one that is not was not: the value is an old one.
      if (!node || (scrapedAt.size > 0 && scraped === undefined)) continue;
      const draft = drafts.get(node) ?? { readings: {} };
      drafts.set(node, draft);
      take(draft, telemetryAdapters[index], series, scraped);
    }
  });
  return { measured: drafts, problems: [...new Set(problems)] };
}

/** Where several adapters measure the same, the first that answers counts. */
function take(
  draft: Draft,
  { takes, source }: TelemetryAdapter,
  { labels, samples: [sample] }: Series,
  scrapedAt: number | undefined,
): void {
  if (!sample || !Number.isFinite(sample.value)) return;
  const at = instantOf(Math.min(scrapedAt ?? sample.at, sample.at));
  if (at === undefined) return;
  switch (takes.kind) {
    case 'reading':
      draft.readings[takes.name] ??= {
        value: Math.round(sample.value * 100) / 100,
        unit: takes.unit,
        at,
        source,
      };
      return;
    case 'complaint':
      draft[takes.name] ??= { now: sample.value > 0, at, source };
      return;
    default: {
      const decoded = decodeThrottled(labels, takes.label);
      if (!decoded) return;
      draft.throttled ??= { ...decoded.throttled, at, source };
      draft.undervoltage ??= { ...decoded.undervoltage, at, source };
    }
  }
}

/** The node that a series is about: an address stands for itself without its port. */
function nodeIn(labels: Series['labels'], nodeLabel: string): string {
  const text = Object.hasOwn(labels, nodeLabel) ? labels[nodeLabel] : '';
  return text.replace(/:\d+$/, '');
}

function scrapeKey(labels: Series['labels'], nodeLabel: string): string {
  return `${labels.job ?? ''} ${nodeIn(labels, nodeLabel)}`;
}

function instantOf(milliseconds: number): string | undefined {
  const date = new Date(milliseconds);
  const isPlausible = milliseconds > 0 && milliseconds < Date.UTC(2200, 0);
  return isPlausible ? date.toISOString() : undefined;
}
