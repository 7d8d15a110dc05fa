// SPDX-License-Identifier: Apache-2.0
import dockerignore from '@balena/dockerignore';
import {
  DockerfileParser,
  type Copy,
  type Env,
  type From,
  type Instruction,
} from 'dockerfile-ast';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { basename, delimiter, dirname, join, relative } from 'node:path';
import { run } from '../run';

/** What an image would start, from a folder instead of a container. */
export interface ReplayedImage {
  /** Where it starts. */
  readonly folder: string;
  /** Program and its arguments. */
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** As whom it would run. */
  readonly user: string;
}

interface Stage {
  /** The folder that stands for `/`. */
  readonly root: string;
  workdir: string;
  environment: Readonly<Record<string, string>>;
  user: string;
  entryPoint: readonly string[];
  command: readonly string[];
  healthCheck: readonly string[];
}

/** What base images start by themselves. */
const entryPoints: Readonly<Record<string, readonly string[]>> = {
  'gcr.io/distroless/nodejs22-debian12:nonroot': ['/nodejs/bin/node'],
};

/** What a builder says of the processor. */
const processor = {
  TARGETOS: 'linux',
  TARGETARCH: process.arch === 'x64' ? 'amd64' : process.arch,
};

/** A path from `/` in a command: not one within another word. */
const absolutePath = /(^|[\s='":])\/(?=\w)/g;

class Replay {
  readonly #stages = new Map<string, Stage>();
  #newest: Stage | undefined;

  constructor(
    private readonly context: string,
    private readonly folder: string,
    private readonly isIgnored: (path: string) => boolean,
  ) {}

  async take(instruction: Instruction): Promise<void> {
    const text = instruction.getArgumentsContent() ?? '';
    switch (instruction.getKeyword()) {
      case 'FROM':
        await this.#begin(instruction as From);
        break;
      case 'WORKDIR':
        this.#stage.workdir = text;
        await mkdir(this.#path('.'), { recursive: true });
        break;
      case 'ARG':
        this.#set(
          Object.entries(processor).filter(([name]) =>
            text.split(/\s+/).includes(name),
          ),
        );
        break;
      case 'ENV':
        this.#set(
          (instruction as Env)
            .getProperties()
            .map(each => [each.getName(), each.getValue() ?? '']),
        );
        break;
      case 'COPY':
        await this.#copy(instruction as Copy);
        break;
      case 'RUN':
        await this.#run(text);
        break;
      case 'USER':
        this.#stage.user = text;
        break;
      case 'HEALTHCHECK':
        this.#stage.healthCheck = JSON.parse(text.replace(/^CMD /, ''));
        break;
      case 'ENTRYPOINT':
        this.#stage.entryPoint = JSON.parse(text);
        break;
      case 'CMD':
        this.#stage.command = JSON.parse(text);
        break;
      case 'EXPOSE':
        break;
      default:
        throw new Error(`Not known here: ${instruction.toString()}`);
    }
  }

  /** What the last stage is. */
  image(): ReplayedImage {
    const { entryPoint, command, healthCheck, environment, user } = this.#stage;
    const placed = (words: readonly string[]) =>
      words.map(word => this.#place(word));
    return {
      folder: this.#path('.'),
      command: placed([...entryPoint, ...command]),
      healthCheck: placed(healthCheck),
      environment,
      user,
    };
  }

  get #stage(): Stage {
    if (!this.#newest) throw new Error('The Dockerfile begins with no image.');
    return this.#newest;
  }

  async #begin(from: From): Promise<void> {
    const root = join(this.folder, `stage-${this.#stages.size + 1}`);
    const programs = join(root, 'usr/bin');
    await mkdir(programs, { recursive: true });
    await mkdir(join(root, 'nodejs/bin'), { recursive: true });
    // By these names base images have them.
    await symlink(process.execPath, join(root, 'nodejs/bin/node'));
    const { output } = await run(
      'python3',
      ['-c', 'import sys; print(sys.executable)'],
      root,
    );
    await symlink(output.trim(), join(programs, 'python'));
    this.#newest = {
      root,
      workdir: '/',
      environment: {
        PATH: `${programs}${delimiter}${process.env.PATH}`,
      },
      user: 'root',
      entryPoint: entryPoints[from.getImage() ?? ''] ?? [],
      command: [],
      healthCheck: [],
    };
    this.#stages.set(from.getBuildStage() ?? root, this.#newest);
  }

  #set(values: readonly (readonly [string, string])[]): void {
    const { environment } = this.#stage;
    const known = (text: string) =>
      text.replace(/\$(\w+)/g, (_, name) => environment[name] ?? '');
    this.#stage.environment = {
      ...environment,
      ...Object.fromEntries(
        values.map(([name, value]) => [name, known(this.#place(value))]),
      ),
    };
  }

  async #copy(copy: Copy): Promise<void> {
    const paths = copy.getArguments().map(each => each.getValue());
    const to = paths.pop() ?? '.';
    const stage = copy.getFromFlag()?.getValue();
    const source = stage ? this.#stages.get(stage)?.root : this.context;
    if (!source) throw new Error(`There is no stage ${stage}.`);
    for (const path of paths) {
      const isIntoFolder = to.endsWith('/') && !path.endsWith('.');
      const target = this.#path(isIntoFolder ? join(to, basename(path)) : to);
      await mkdir(dirname(target), { recursive: true });
      await cp(join(source, path), target, {
        recursive: true,
        verbatimSymlinks: true,
        filter: from => stage !== undefined || !this.isIgnored(from),
      });
    }
  }

  async #run(text: string): Promise<void> {
    // In this machine's environment, which says where packages come from.
    const ended = await run(
      'sh',
      ['-c', this.#place(text)],
      this.#path('.'),
      this.#stage.environment,
    );
    if (ended.code === 0) return;
    throw new Error(`RUN ${text}\n${ended.output.slice(-3000)}`);
  }

  /** Where a path of the newest stage is here. */
  #path(path: string): string {
    const { root, workdir } = this.#stage;
    return path.startsWith('/') ? join(root, path) : join(root, workdir, path);
  }

  /** A command or value with its paths as they are here. */
  #place(text: string): string {
    return text.replace(absolutePath, `$1${this.#stage.root}/`);
  }
}

/** Says of paths in the context whether a builder leaves them out. */
async function ignoredBy(context: string): Promise<(path: string) => boolean> {
  const list = join(context, '.dockerignore');
  const ignore = dockerignore();
  if (existsSync(list)) ignore.add(await readFile(list, 'utf8'));
  return path => path !== context && ignore.ignores(relative(context, path));
}

/**
 * Takes the steps of a Dockerfile without a builder: each stage is a folder, and what base images bring are
 * the programs of this machine. It shows whether what is copied suffices for the build and for the service;
 * it shows nothing of the base images.
 *
 * @param context - the folder with the Dockerfile
 * @param folder - for the stages; must not be there yet
 * @throws Error with what a step said, or that a step is not known here
 */
export async function replayImage(
  context: string,
  folder: string,
): Promise<ReplayedImage> {
  const replay = new Replay(context, folder, await ignoredBy(context));
  const text = await readFile(join(context, 'Dockerfile'), 'utf8');
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    await replay.take(instruction);
  }
  return replay.image();
}
