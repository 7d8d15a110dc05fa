// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

/** Folder of the templates and their layers. */
export const templatesFolder = resolve(
  require.resolve('@causeway/test-templates/package.json'),
  '../../../templates',
);

/** One page of a template's form. */
export interface ParameterPage {
  readonly title: string;
  readonly required?: readonly string[];
  readonly properties: Readonly<
    Record<string, Readonly<Record<string, unknown>>>
  >;
}

/** A software template, as far as tests look into it. */
export interface Template {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly parameters: readonly ParameterPage[];
    readonly steps: readonly { readonly id: string; readonly action: string }[];
  };
}

/** All templates by name. */
export function readTemplates(): ReadonlyMap<string, Template> {
  const names = readdirSync(templatesFolder).filter(name =>
    name.endsWith('.yaml'),
  );
  return new Map(
    names.sort().map(name => {
      const template: Template = parse(
        readFileSync(join(templatesFolder, name), 'utf8'),
      );
      return [template.metadata.name, template];
    }),
  );
}

/** A file of the templates' folder, as the scaffolder's dry run takes it. */
export interface SourceFile {
  readonly path: string;
  readonly base64Content: string;
}

/** The layers as Git knows them, so that what builds and tests left there is not taken for a skeleton. */
export function readLayers(): readonly SourceFile[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '-z', 'layers'],
    { cwd: templatesFolder, encoding: 'utf8' },
  );
  return listed
    .split('\0')
    .filter(path => path !== '' && existsSync(join(templatesFolder, path)))
    .map(path => ({
      path,
      base64Content: readFileSync(join(templatesFolder, path), 'base64'),
    }));
}

/** The values a form would send: those given, and defaults for the rest. */
export function withDefaults(
  { spec }: Template,
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const defaults = spec.parameters.flatMap(({ properties }) =>
    Object.entries(properties).flatMap(([name, property]) =>
      'default' in property ? [[name, property.default] as const] : [],
    ),
  );
  return { ...Object.fromEntries(defaults), ...values };
}
