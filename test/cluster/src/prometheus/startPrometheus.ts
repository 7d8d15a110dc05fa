// SPDX-License-Identifier: Apache-2.0
import { access, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { defaultCacheFolder, programPath } from '../build/cacheFolder';
import { NotBuiltError } from '../build/errors';
import { freePorts } from '../cluster/freePorts';
import { statusOf } from '../cluster/probe';
import { createProcessGroup } from '../cluster/processes';
import { until } from '../cluster/until';

/** What a Prometheus scrapes. */
export interface PrometheusOptions {
  /** `HOST:PORT` of what serves `/metrics`. Its own labels and timestamps are kept. */
  readonly target: string;
  /** Contents of rule files, worked out every second. It does not start when it can not read one. */
  readonly rules?: readonly object[];
  /** Where the programs are; `~/.cache/causeway/bin` when left out. */
  readonly cacheFolder?: string;
}

/** A running Prometheus. Everything about it is gone after `stop`. */
export interface Prometheus {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts a Prometheus on a free port of 127.0.0.1 and waits until it is ready.
 *
 * @throws NotBuiltError when the program has not been built.
 * @throws Error with the end of its log when it does not start.
 */
export async function startPrometheus({
  target,
  rules = [],
  cacheFolder = defaultCacheFolder(),
}: PrometheusOptions): Promise<Prometheus> {
  const command = programPath(cacheFolder, 'prometheus');
  await access(command).catch(() => {
    throw new NotBuiltError(['prometheus']);
  });
  const folder = await mkdtemp(join(tmpdir(), 'causeway-prometheus-'));
  const group = createProcessGroup(folder);
  try {
    const { prometheus: port } = await freePorts(['prometheus']);
    const config = join(folder, 'prometheus.yaml');
    await writeFile(config, stringify(configurationFor(target)));
    await mkdir(join(folder, 'rules'));
    for (const [index, rule] of rules.entries())
      await writeFile(join(folder, 'rules', `${index}.yaml`), stringify(rule));
    const server = await group.start({
      name: 'prometheus',
      tier: 'client',
      command,
      args: [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
    });
    const url = `http://127.0.0.1:${port}`;
    await until(
      async () =>
        (await statusOf(`${url}/-/ready`)) === 200 ? true : undefined,
      { what: 'Prometheus to be ready', server },
    );
    return { url, stop: () => group.stop() };
  } catch (error) {
    await group.stop();
    throw error;
  }
}

function configurationFor(target: string): object {
  return {
    global: { evaluation_interval: '1s' },
    rule_files: ['rules/*.yaml'],
    scrape_configs: [
      {
        job_name: 'given',
        scrape_interval: '1s',
        scrape_timeout: '1s',
        honor_labels: true,
        honor_timestamps: true,
        static_configs: [{ targets: [target] }],
        // What is scraped names no instance, and gets none.
        metric_relabel_configs: [
          { action: 'labeldrop', regex: 'instance|exported_.*' },
          {
            action: 'replace',
            source_labels: ['job'],
            regex: 'given',
            target_label: 'job',
            replacement: '',
          },
        ],
      },
    ],
  };
}
