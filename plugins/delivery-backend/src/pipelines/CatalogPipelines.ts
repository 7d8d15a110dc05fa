// SPDX-License-Identifier: Apache-2.0
import type {
  LoggerService,
  UrlReaderService,
} from '@backstage/backend-plugin-api';
import {
  parsePipeline,
  type Pipeline,
  type PipelineProblem,
} from '@causeway/plugin-delivery-common';
import { isError } from '@backstage/errors';
import limiter from 'p-limit';
import type { Service, Services } from '../catalog/Services';
import type { Clock } from '../Clock';
import type { PipelineReading, Pipelines } from './Pipelines';

/** How often a document is read without being told to. */
const READ_EVERY = 60_000;
/** Documents read at the same time. */
const READS_AT_ONCE = 4;

/** What is remembered of one service's document. */
interface Known {
  readonly service: Service;
  /** The newest text, if one was ever read. */
  readonly text?: string;
  readonly readAt?: Date;
  /** Why the last attempt to read failed. */
  readonly failure?: string;
  readonly attemptedAt: number;
  /** The last text that was a valid pipeline when it was read. */
  readonly good?: { readonly text: string; readonly readAt: Date };
}

/**
 * The pipeline documents of the catalog's services, kept in memory.
 *
 * A document that breaks, or can not be read for a while, does not take its service's last valid
 * pipeline away; the reading says what is wrong with the newer one. After a restart only what can
 * be read then counts. Cluster names are judged only once the portal knows its clusters, and judged
 * again when it learns of others. `refresh` may be called at any time and by several at once; the
 * last call that returns has seen a document at least as new as the call.
 */
export class CatalogPipelines implements Pipelines {
  readonly #services: Services;
  readonly #reader: Pick<UrlReaderService, 'readUrl'>;
  readonly #clusters: () => readonly string[] | undefined;
  readonly #probes?: readonly string[];
  readonly #fleet?: { readonly repository: string; readonly branch: string };
  readonly #clock: Clock;
  readonly #logger: LoggerService;
  readonly #known = new Map<string, Known>();
  readonly #readings = new WeakMap<
    Known,
    { readonly clusters: string; readonly reading: PipelineReading }
  >();
  readonly #listeners = new Set<(change: { service: string }) => void>();
  readonly #limit = limiter(READS_AT_ONCE);

  constructor(options: {
    readonly services: Services;
    readonly reader: Pick<UrlReaderService, 'readUrl'>;
    /** Names of the portal's clusters; undefined while they are not known. */
    readonly clusters: () => readonly string[] | undefined;
    /** Names of the probes that the portal can run; not checked when left out. */
    readonly probes?: readonly string[];
    /** The fleet repository of documents that name none. */
    readonly fleet?: { readonly repository: string; readonly branch: string };
    readonly clock: Clock;
    readonly logger: LoggerService;
  }) {
    this.#services = options.services;
    this.#reader = options.reader;
    this.#clusters = options.clusters;
    this.#probes = options.probes;
    this.#fleet = options.fleet;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /** A service seen for the first time is read at once, so that new services need not wait for the schedule. */
  async get(ref: string): Promise<PipelineReading | undefined> {
    if (!this.#known.has(ref)) {
      const service = await this.#services.find(ref);
      if (service?.pipeline) await this.#read(service);
    }
    const known = this.#known.get(ref);
    return known && this.#readingOf(known);
  }

  list(): readonly Pipeline[] {
    return Array.from(this.#known.values()).flatMap(known => {
      const reading = this.#readingOf(known);
      return reading.state === 'valid' ? [reading.pipeline] : [];
    });
  }

  async refresh(ref?: string): Promise<void> {
    await this.#visit(service => ref === undefined || service.ref === ref);
  }

  /** Looks for new and removed services, and reads the documents that were not read for a minute. */
  async refreshDue(): Promise<void> {
    const due = this.#clock().getTime() - READ_EVERY;
    await this.#visit(service => {
      const known = this.#known.get(service.ref);
      return !known || known.attemptedAt <= due;
    });
  }

  /** Reads again every document that lies in a repository, after a push to it. */
  async refreshRepository(repository: string): Promise<void> {
    await this.#visit(
      ({ pipeline }) =>
        pipeline !== undefined &&
        'url' in pipeline &&
        pipeline.url.startsWith(`${repository.replace(/\/+$/, '')}/`),
    );
  }

  subscribe(listener: (change: { readonly service: string }) => void) {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async #visit(wanted: (service: Service) => boolean): Promise<void> {
    const services = await this.#services.withPipelines();
    const present = new Set(services.map(service => service.ref));
    for (const ref of Array.from(this.#known.keys())) {
      if (!present.has(ref)) {
        this.#known.delete(ref);
        this.#tell(ref);
      }
    }
    await Promise.all(
      services
        .filter(wanted)
        .map(service => this.#limit(() => this.#read(service))),
    );
  }

  async #read(service: Service): Promise<void> {
    const started = this.#clock();
    const result = await this.#fetch(service);
    const before = this.#known.get(service.ref);
    // A slower, older read must not overwrite what a later one saw.
    if (before && before.attemptedAt > started.getTime()) return;
    const known = this.#remember(service, started, result, before);
    this.#known.set(service.ref, known);
    if (before?.text !== known.text || before?.failure !== known.failure) {
      if (known.failure) {
        this.#logger.warn(
          `The pipeline document of ${service.ref} can not be read: ${known.failure}`,
        );
      }
      this.#tell(service.ref);
    }
  }

  async #fetch(
    service: Service,
  ): Promise<{ readonly text: string } | { readonly failure: string }> {
    const location = service.pipeline;
    if (!location) return { failure: 'The annotation was removed.' };
    if ('problem' in location) return { failure: location.problem };
    try {
      const response = await this.#reader.readUrl(location.url);
      return { text: (await response.buffer()).toString('utf8') };
    } catch (error) {
      return { failure: explain(error, location.url) };
    }
  }

  #remember(
    service: Service,
    at: Date,
    result: { readonly text: string } | { readonly failure: string },
    before: Known | undefined,
  ): Known {
    const attemptedAt = at.getTime();
    if ('failure' in result) {
      return {
        ...before,
        service,
        attemptedAt,
        failure: result.failure,
      };
    }
    const { pipeline } = this.#parse(service, result.text);
    return {
      service,
      text: result.text,
      readAt: at,
      attemptedAt,
      good: pipeline ? { text: result.text, readAt: at } : before?.good,
    };
  }

  #readingOf(known: Known): PipelineReading {
    const clusters = this.#clusters()?.join() ?? '';
    const made = this.#readings.get(known);
    if (made?.clusters === clusters) return made.reading;
    const reading = this.#makeReading(known);
    this.#readings.set(known, { clusters, reading });
    return reading;
  }

  #makeReading(known: Known): PipelineReading {
    const { service, text, readAt, failure, good } = known;
    const url =
      service.pipeline && 'url' in service.pipeline
        ? service.pipeline.url
        : undefined;
    if (text === undefined || !readAt || !url) {
      return {
        state: 'unreadable',
        ...(url && { url }),
        message: failure ?? 'The document was not read yet.',
      };
    }
    const { pipeline, problems } = this.#parse(service, text);
    const newer: PipelineProblem[] = failure
      ? [{ line: 1, column: 1, code: 'unreadable', message: failure }]
      : [];
    if (pipeline) {
      return {
        state: 'valid',
        pipeline,
        url,
        readAt,
        ...(newer.length > 0 && { newer: { problems: newer } }),
      };
    }
    // Judged again too: the portal may have learnt since then that it names unknown clusters.
    const lastGood = good && this.#parse(service, good.text).pipeline;
    if (good && lastGood) {
      return {
        state: 'valid',
        pipeline: lastGood,
        url,
        readAt: good.readAt,
        newer: { problems: [...newer, ...problems] },
      };
    }
    return { state: 'invalid', url, readAt, problems: [...newer, ...problems] };
  }

  #parse(service: Service, text: string) {
    return parsePipeline(text, {
      service: service.ref,
      clusters: this.#clusters(),
      ...(this.#probes && { probes: this.#probes }),
      defaults: {
        ...(this.#fleet && { fleet: this.#fleet }),
        ...(service.system && { namespace: service.system }),
      },
    });
  }

  #tell(service: string) {
    for (const listener of this.#listeners) listener({ service });
  }
}

function explain(error: unknown, url: string): string {
  if (isError(error) && error.name === 'NotFoundError') {
    return `There is no file at ${url}.`;
  }
  if (isError(error) && error.name === 'NotAllowedError') {
    return `The portal may not read ${url}; allow its host by an integration or backend.reading.allow.`;
  }
  return `${url} can not be read: ${
    isError(error) ? error.message : String(error)
  }`;
}
