// SPDX-License-Identifier: Apache-2.0
import { parse, parseAllDocuments } from 'yaml';

type Files = ReadonlyMap<string, string>;

interface Image {
  readonly name: string;
}

interface Job {
  readonly extends?: string | readonly string[];
  readonly image?: string | Image;
  readonly services?: readonly (string | Image)[];
  readonly stage?: string;
  readonly rules?: readonly unknown[];
  readonly needs?: readonly (string | { readonly job: string })[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly parallel?: {
    readonly matrix: readonly Readonly<Record<string, unknown>>[];
  };
  readonly before_script?: readonly string[];
  readonly script?: readonly string[];
  readonly after_script?: readonly string[];
}

const entry = '.gitlab-ci.yml';
const settings = ['include', 'stages', 'variables', 'workflow', 'default'];
/** Words of GitLab's that no job can have as its name. */
const reserved = ['image', 'services', 'cache', 'pages', 'spec'];

/** Whether a repository has its CI on GitLab. */
export function isOnGitlab(files: Files): boolean {
  return files.has(entry);
}

/** What the shell of each job runs before GitLab takes over again, by the name of the job. */
export function gitlabScripts(files: Files): ReadonlyMap<string, string> {
  return new Map(
    visible(readPipeline(files)).flatMap(([name, job]) => [
      [name, lines(job.before_script, job.script)] as const,
      [`${name} (after)`, lines(job.after_script)] as const,
    ]),
  );
}

/** What is wrong with the pipeline of a repository on GitLab, one sentence each. */
export function gitlabProblems(files: Files): readonly string[] {
  if (!isOnGitlab(files)) {
    return [...files.keys()]
      .filter(path => path.startsWith('.gitlab'))
      .map(path => `${path} is for GitLab, which has no ${entry}`);
  }
  const pipeline = readPipeline(files);
  return [
    ...[...files.keys()]
      .filter(path => path.startsWith('.github/'))
      .map(path => `${path} is not for GitLab`),
    // Text of people in a script is a way in; it goes through the environment.
    ...[...files]
      .filter(([path, text]) => path !== entry && text.includes('$[['))
      .map(([path]) => `${path} puts inputs into scripts`),
    ...(pipeline.default.timeout ? [] : ['Jobs may run for ever']),
    ...visible(pipeline).flatMap(([name, job]) =>
      jobProblems(name, job, pipeline, files),
    ),
  ];
}

interface Pipeline {
  readonly stages: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly default: { readonly timeout?: string };
  /** With all that they extend. */
  readonly jobs: ReadonlyMap<string, Job>;
}

function visible({ jobs }: Pipeline): readonly (readonly [string, Job])[] {
  return [...jobs].filter(([name]) => !name.startsWith('.'));
}

/** Reads the pipeline with the files that it includes. */
function readPipeline(files: Files): Pipeline {
  const [, main] = parseAllDocuments(files.get(entry) ?? '');
  const {
    include,
    ...own
  }: Record<string, unknown> & {
    readonly include: readonly { readonly local: string }[];
  } = main.toJS();
  const parts = include.map(({ local }) => {
    const text = files.get(local);
    if (text === undefined) throw new Error(`There is no ${local}.`);
    return parse(text) as Record<string, unknown>;
  });
  const all = Object.assign({}, own, ...parts);
  const written = new Map<string, Job>(
    Object.entries<Job>(all).filter(([name]) => !settings.includes(name)),
  );
  return {
    ...all,
    jobs: new Map(
      [...written.keys()].map(name => [name, whole(name, written)]),
    ),
  };
}

/** A job with what it extends: mappings are joined, everything else is replaced. */
function whole(name: string, written: ReadonlyMap<string, Job>): Job {
  const job = written.get(name);
  if (!job) throw new Error(`There is no job ${name} to extend.`);
  return [job.extends ?? []]
    .flat()
    .map(base => whole(base, written))
    .concat(job)
    .reduce((joined, next) => ({
      ...joined,
      ...next,
      variables: { ...joined.variables, ...next.variables },
    }));
}

function jobProblems(
  name: string,
  job: Job,
  { stages, jobs, variables }: Pipeline,
  files: Files,
): readonly string[] {
  const script = lines(job.before_script, job.script, job.after_script);
  const place = stages.indexOf(job.stage ?? 'test');
  const images = [job.image ?? 'none', ...(job.services ?? [])]
    .map(image => (typeof image === 'string' ? image : image.name))
    .concat(imagesIn(script));
  const known = new Set([
    ...Object.keys({ ...variables, ...job.variables }),
    ...(job.parallel?.matrix ?? []).flatMap(row => Object.keys(row)),
    ...[...script.matchAll(/\b([A-Z][A-Z0-9_]*)=/g)].map(([, set]) => set),
  ]);
  return [
    ...(reserved.includes(name) ? ['has a name that GitLab keeps'] : []),
    ...(job.script ? [] : ['does nothing']),
    ...(job.rules ? [] : ['runs in pipelines of every kind']),
    ...(place < 0 ? [`is in the stage ${job.stage}, which is not there`] : []),
    ...(job.needs ?? [])
      .map(need => (typeof need === 'string' ? need : need.job))
      .filter(need => {
        const before = stages.indexOf(jobs.get(need)?.stage ?? 'none');
        return before < 0 || before > place;
      })
      .map(need => `needs ${need}, which does not come before`),
    ...images
      .filter(
        image =>
          !/(:[a-z-]*v?\d+\.\d+\.\d+[\w.-]*|@sha256:\w{64})$/.test(image),
      )
      .map(image => `uses ${image}`),
    ...[...script.matchAll(/\.\/(scripts\/[\w.-]+)/g)]
      .filter(([, path]) => !files.has(path))
      .map(([, path]) => `runs ${path}, which is not there`),
    ...[...script.matchAll(/\$\{?([A-Z][A-Z0-9_]*)/g)]
      .map(([, used]) => used)
      .filter(used => !/^(CI_\w+|GITLAB_\w+|PWD)$/.test(used))
      .filter(used => !known.has(used) && !isDocumented(used, files))
      .map(used => `takes ${used}, of which docs/index.md does not speak`),
  ].map(problem => `The job ${name} ${problem}`);
}

/** Images that a script names itself: with a registry or an owner, and a tag. */
function imagesIn(script: string): readonly string[] {
  return [
    ...script.matchAll(/(?<=\s)[a-z0-9.-]+(?:\/[a-z0-9._-]+)+:[\w.-]+/g),
  ].map(([image]) => image);
}

function isDocumented(variable: string, files: Files): boolean {
  return (files.get('docs/index.md') ?? '').includes(`\`${variable}\``);
}

function lines(...scripts: readonly (readonly string[] | undefined)[]): string {
  return scripts.flatMap(script => script ?? []).join('\n');
}
