// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';
import { parseImage, type Target } from '@causeway/plugin-delivery-common';
import {
  isMap,
  isSeq,
  parseAllDocuments,
  type Document,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { DeclaredImage } from './FleetRepositories';
import {
  applySplices,
  columnOf,
  insertLines,
  pairOf,
  quoted,
  rangeOf,
  replaceValue,
  type Splice,
} from './spliceText';

/** What is asked of a target that is for a node group. */
export type GroupTarget = Pick<Target, 'workload'> & {
  readonly nodeGroup: string;
};

/**
 * KubeEdge reads of an override's value a tag or a digest, never both, and takes a tag off when it sets a
 * digest: only a digest makes the pods of a group run exactly what was released.
 */
const digestOnly = /^sha256:[0-9a-f]{64}$/;

/**
 * How many EdgeApplications of a text bring the workload of a node group: those with a Deployment that
 * KubeEdge names so.
 *
 * @throws InputError when it is no valid YAML
 */
export function countApplications(text: string, target: GroupTarget): number {
  return parse(text).filter(document => deploymentIn(document, target)).length;
}

/**
 * What the override of a node group says of images: a digest, or a tag of KubeEdge's that nothing can be
 * proven by. An image without an override has neither.
 *
 * @param names - those that are asked for; every image of the Deployment that has a digest where left out
 * @throws InputError when the text has not one EdgeApplication with the group and its images, or
 * says more of them than a digest
 */
export function readOverrides(
  text: string,
  target: GroupTarget,
  names?: readonly string[],
): readonly DeclaredImage[] {
  const group = groupIn(text, target);
  const wanted = names ?? [
    ...new Set(group.images.flatMap(image => image ?? [])),
  ];
  const found = wanted.map((name): DeclaredImage => {
    const { entry } = overrideOf(group, name, target);
    const value = entry?.get('value');
    if (value === undefined || value === null) return { name };
    const said = String(value);
    return digestOnly.test(said) ? { name, digest: said } : { name, tag: said };
  });
  return names ? found : found.filter(({ digest }) => digest !== undefined);
}

/**
 * Makes the override of a node group say these digests, and leaves every other character of the text as
 * it is. An override that is not there is added. What is written is read back before it is returned.
 *
 * @throws InputError like {@link readOverrides}, and when it is written so that it can not be edited safely
 */
export function editOverrides(
  text: string,
  target: GroupTarget,
  images: readonly DeclaredImage[],
): string {
  const edited = images.reduce(
    (before, { name, digest }) =>
      digest === undefined ? before : setDigest(before, target, name, digest),
    text,
  );
  if (edited === text) return text;
  const names = images.map(({ name }) => name);
  const written = readOverrides(edited, target, names);
  const isRight = images.every(
    ({ name, digest }) =>
      digest === undefined ||
      written.some(each => each.name === name && each.digest === digest),
  );
  if (!isRight) throw unsafe(target);
  return edited;
}

/**
 * Whether the override could be edited so. It costs no reading of the text anew, since it is asked of every
 * group again and again.
 *
 * @throws InputError like {@link editOverrides}, for what can be seen before it is edited
 */
export function checkOverrides(
  text: string,
  target: GroupTarget,
  images: readonly DeclaredImage[],
): void {
  for (const { name, digest } of images)
    if (digest !== undefined) splicesFor(text, target, name, digest);
}

/** A node group in an EdgeApplication, and the images of its Deployment by container. */
interface Group {
  readonly entry: YAMLMap;
  readonly images: readonly (string | undefined)[];
}

/** Texts that were parsed lately. */
const parsed = new Map<string, readonly Document[]>();
const MOST_PARSED = 8;

/** The groups of an EdgeApplication ask for the same text one after the other; what is parsed is only read. */
function parse(text: string): readonly Document[] {
  const known = parsed.get(text) ?? parseAnew(text);
  if (parsed.size >= MOST_PARSED) parsed.clear();
  parsed.set(text, known);
  return known;
}

function parseAnew(text: string): readonly Document[] {
  const documents: readonly Document[] = parseAllDocuments(text);
  const [error] = documents.flatMap(({ errors }) => errors);
  if (error) throw new InputError(`It is no valid YAML: ${error.message}`);
  return documents;
}

function isApplication(document: Document): boolean {
  return (
    isMap(document.contents) &&
    document.get('kind') === 'EdgeApplication' &&
    String(document.get('apiVersion')).startsWith('apps.kubeedge.io/')
  );
}

function deploymentsIn(document: Document): readonly YAMLMap[] {
  if (!isApplication(document)) return [];
  const manifests = document.getIn(['spec', 'workloadTemplate', 'manifests']);
  return mapsIn(manifests).filter(each => each.get('kind') === 'Deployment');
}

/** KubeEdge puts the name of the group behind that of the Deployment. */
function deploymentIn(
  document: Document,
  { workload, nodeGroup }: GroupTarget,
): YAMLMap | undefined {
  return deploymentsIn(document).find(
    each =>
      `${each.getIn(['metadata', 'name'])}-${nodeGroup}` === workload.name &&
      each.getIn(['metadata', 'namespace']) === workload.namespace,
  );
}

function groupIn(text: string, target: GroupTarget): Group {
  const { nodeGroup, workload } = target;
  const [application, ...others] = parse(text).filter(document =>
    deploymentIn(document, target),
  );
  const deployment = application && deploymentIn(application, target);
  if (!deployment || others.length > 0)
    throw new InputError(
      `It has ${
        deployment ? 'more than one' : 'no'
      } EdgeApplication that brings ${workload.name}.`,
    );
  if (deploymentsIn(application).length > 1)
    throw new InputError(
      'Its EdgeApplication has several Deployments, and KubeEdge would set the image of all. Give each an EdgeApplication of its own.',
    );
  const groups = mapsIn(
    application.getIn(['spec', 'workloadScope', 'targetNodeGroups']),
  ).filter(each => each.get('name') === nodeGroup);
  if (groups.length !== 1)
    throw new InputError(
      groups.length === 0
        ? `Its EdgeApplication has no node group ${nodeGroup}; add it to "targetNodeGroups", or correct "nodeGroups" of the target in the pipeline.`
        : `Its EdgeApplication names the node group ${nodeGroup} more than once.`,
    );
  const containers = mapsIn(
    deployment.getIn(['spec', 'template', 'spec', 'containers']),
  );
  return {
    entry: groups[0],
    images: containers.map(each => parseImage(String(each.get('image')))?.name),
  };
}

/** The one override of an image, if there is any, and what names its container where that is needed. */
function overrideOf(
  { entry, images }: Group,
  name: string,
  { nodeGroup }: GroupTarget,
): { readonly entry?: YAMLMap; readonly path?: string } {
  const places = images.flatMap((image, index) =>
    image === name ? [index] : [],
  );
  const [place] = places;
  if (places.length !== 1)
    throw new InputError(
      places.length === 0
        ? `No container of the Deployment in its EdgeApplication has the image ${name}.`
        : `Several containers of the Deployment in its EdgeApplication have the image ${name}.`,
    );
  const path = `/spec/template/spec/containers/${place}/image`;
  const meant = mapsIn(entry.getIn(['overriders', 'imageOverriders'])).filter(
    each => [undefined, path].includes(pathOf(each)),
  );
  const problem = (what: string) =>
    new InputError(`The override of the node group ${nodeGroup} ${what}`);
  if (images.length > 1 && meant.some(each => pathOf(each) === undefined))
    throw problem(
      `sets the images of all containers; name that of ${name} with "predicate", "path: ${path}".`,
    );
  const other = meant.find(each => each.get('component') !== 'Tag');
  if (other)
    throw problem(
      `changes the ${other.get(
        'component',
      )} of ${name}, so that its pods run another image than was released.`,
    );
  const [override, ...others] = meant;
  if (others.length > 0) throw problem(`sets the tag of ${name} twice.`);
  if (override && override.get('operator') !== 'replace')
    throw problem(
      `has the operator "${override.get(
        'operator',
      )}" for the tag of ${name}; it has to be "replace".`,
    );
  return {
    ...(override && { entry: override }),
    ...(images.length > 1 && { path }),
  };
}

function pathOf(override: YAMLMap): string | undefined {
  const path = override.getIn(['predicate', 'path']);
  return path === undefined || path === null ? undefined : String(path);
}

function setDigest(
  text: string,
  target: GroupTarget,
  name: string,
  digest: string,
): string {
  return applySplices(text, splicesFor(text, target, name, digest));
}

function splicesFor(
  text: string,
  target: GroupTarget,
  name: string,
  digest: string,
): readonly Splice[] {
  const group = groupIn(text, target);
  const { entry, path } = overrideOf(group, name, target);
  const value = entry && pairOf(entry, 'value');
  const splices = entry
    ? value && replaceValue(text, value, digest)
    : addOverride(text, group.entry, [
        ...(path === undefined
          ? ['- component: Tag']
          : ['- predicate:', `    path: ${path}`, '  component: Tag']),
        '  operator: replace',
        `  value: ${quoted(digest)}`,
      ]);
  if (!splices) throw unsafe(target);
  return splices;
}

/** At the end of what is there, below the line of what it belongs to; undefined where that is no block. */
function addOverride(
  text: string,
  group: YAMLMap,
  lines: readonly string[],
): readonly Splice[] | undefined {
  const overriders = group.get('overriders', true);
  const list = group.getIn(['overriders', 'imageOverriders'], true);
  const indented = (by: number, all: readonly string[]) =>
    all.map(line => `${' '.repeat(by)}${line}`);
  if (isSeq(list) && list.items.length > 0) {
    const last = rangeOf(list.items[list.items.length - 1])?.[1];
    return below(text, list, last, lines);
  }
  if (list !== undefined) return undefined;
  const added = ['imageOverriders:', ...indented(2, lines)];
  if (isMap(overriders)) {
    const key = rangeOf(pairOf(group, 'overriders')?.key);
    return below(text, overriders, key?.[1], added);
  }
  if (overriders !== undefined) return undefined;
  const name = rangeOf(pairOf(group, 'name')?.value);
  return below(text, group, name?.[1], ['overriders:', ...indented(2, added)]);
}

function below(
  text: string,
  neighbour: YAMLMap | YAMLSeq,
  offset: number | undefined,
  lines: readonly string[],
): readonly Splice[] | undefined {
  const start = rangeOf(neighbour)?.[0];
  if (neighbour.flow || start === undefined || offset === undefined)
    return undefined;
  const indent = ' '.repeat(columnOf(text, start));
  return [insertLines(text, offset, indent, lines)];
}

function mapsIn(list: unknown): readonly YAMLMap[] {
  return isSeq(list) ? list.items.filter(item => isMap(item)) : [];
}

function unsafe({ nodeGroup }: GroupTarget): InputError {
  return new InputError(
    `The override of the node group ${nodeGroup} is written in a way that can not be edited safely. Write "imageOverriders" as a plain list with component, operator and value.`,
  );
}
