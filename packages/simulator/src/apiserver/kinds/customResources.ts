// SPDX-License-Identifier: Apache-2.0
import { isJsonObject, listAt, numberAt, objectAt, textAt } from '../objects';
import type { Json, JsonObject, KubeObject } from '../objects';
import { field } from '../selectors/fieldSelector';
import { invalidField, requiredField } from '../status';
import type { Cause } from '../status';
import { ageColumn, column, nameColumn } from '../table/columns';
import { timestamp } from '../timestamp';
import { pruneAndDefault, violations } from '../schema/structuralSchema';
import { printerColumn } from '../table/printerColumn';
import { ALL_VERBS, defineKind } from './defineKind';
import type { ResourceType, ScalePaths } from './ResourceType';

export const DEFINITIONS = 'apiextensions.k8s.io/v1/customresourcedefinitions';

/** Keeps a deleted definition until the last of its objects is gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** Name of the collection that holds the objects of a definition. */
export function collectionOf(definition: KubeObject): string {
  const spec = objectAt(definition, 'spec');
  return `${textAt(spec, 'group')}/${textAt(spec, 'names', 'plural')}`;
}

/** CustomResourceDefinition: objects that make other kinds be served. */
export const definitionKind: ResourceType = defineKind({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  collection: DEFINITIONS,
  statusSubresource: true,
  counted: true,
  unconditionalUpdate: false,
  columns: [
    nameColumn,
    column('Created At', object => object.metadata.creationTimestamp ?? ''),
  ],
  defaults(object) {
    const spec = objectAt(object, 'spec');
    const names = objectAt(spec, 'names');
    const kind = textAt(names, 'kind');
    return {
      ...object,
      spec: {
        conversion: { strategy: 'None' },
        ...spec,
        names: {
          listKind: `${kind}List`,
          singular: kind.toLowerCase(),
          ...names,
        },
      },
    };
  },
  atCreation(object, { now }) {
    const condition = (type: string, reason: string, message: string) => ({
      type,
      status: 'True',
      lastTransitionTime: timestamp(now),
      reason,
      message,
    });
    const stored = versionsOf(object).find(version => version.storage === true);
    const { finalizers = [] } = object.metadata;
    return {
      ...object,
      metadata: {
        ...object.metadata,
        finalizers: [...finalizers, CLEANUP_FINALIZER],
      },
      status: {
        conditions: [
          condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
          condition(
            'Established',
            'InitialNamesAccepted',
            'the initial names have been accepted',
          ),
        ],
        acceptedNames: objectAt(object, 'spec', 'names'),
        storedVersions: [textAt(stored, 'name')],
      },
    };
  },
  validate: validateDefinition,
});

/** The kinds a definition describes: one per served version. */
export function servedTypes(definition: KubeObject): ResourceType[] {
  return versionsOf(definition)
    .filter(version => version.served === true)
    .map(version => servedType(definition, version));
}

function servedType(definition: KubeObject, version: JsonObject): ResourceType {
  const spec = objectAt(definition, 'spec');
  const names = objectAt(spec, 'names');
  const schema = objectAt(version, 'schema', 'openAPIV3Schema');
  const subresources = objectAt(version, 'subresources');
  return {
    group: textAt(spec, 'group'),
    version: textAt(version, 'name'),
    kind: textAt(names, 'kind'),
    plural: textAt(names, 'plural'),
    singular: textAt(names, 'singular'),
    shortNames: listAt(names, 'shortNames').map(String),
    categories: listAt(names, 'categories').map(String),
    namespaced: textAt(spec, 'scope') === 'Namespaced',
    verbs: ALL_VERBS,
    collection: collectionOf(definition),
    itemsCarryType: true,
    statusSubresource: 'status' in subresources,
    counted: true,
    ...scaleOf(subresources.scale),
    subresources: {},
    columns: columnsOf(version),
    selectableFields: listAt(version, 'selectableFields').map(selectable =>
      field(textAt(selectable, 'jsonPath').replace(/^\./, '')),
    ),
    unconditionalUpdate: false,
    createOnUpdate: false,
    returnsDeletedObject: false,
    defaults: object => ({
      ...pruneAndDefault(object, schema),
      metadata: object.metadata,
    }),
    validate: object => violations(object, schema),
  };
}

function versionsOf(definition: KubeObject): JsonObject[] {
  return listAt(definition, 'spec', 'versions').filter(isJsonObject);
}

function columnsOf(version: JsonObject): ResourceType['columns'] {
  const own = listAt(version, 'additionalPrinterColumns').filter(isJsonObject);
  if (own.length === 0) return [nameColumn, ageColumn];
  return [nameColumn, ...own.map(printerColumn)];
}

function scaleOf(scale: Json | undefined): { scale?: ScalePaths } {
  if (!isJsonObject(scale)) return {};
  const path = (name: string) =>
    textAt(scale, name).replace(/^\./, '').split('.');
  return {
    scale: {
      specReplicas: path('specReplicasPath'),
      statusReplicas: path('statusReplicasPath'),
      selectorText: path('labelSelectorPath'),
    },
  };
}

function validateDefinition(object: KubeObject): readonly Cause[] {
  const spec = objectAt(object, 'spec');
  const group = textAt(spec, 'group');
  const plural = textAt(spec, 'names', 'plural');
  const causes: Cause[] = [];
  for (const path of ['group', 'scope']) {
    if (!textAt(spec, path)) causes.push(requiredField(`spec.${path}`));
  }
  for (const path of ['plural', 'kind']) {
    if (!textAt(spec, 'names', path)) {
      causes.push(requiredField(`spec.names.${path}`));
    }
  }
  const expected = `${plural}.${group}`;
  if (object.metadata.name !== expected) {
    causes.push(
      invalidField(
        'metadata.name',
        object.metadata.name,
        'must be spec.names.plural+"."+spec.group',
      ),
    );
  }
  const stored = versionsOf(object).filter(version => version.storage === true);
  if (stored.length !== 1) {
    causes.push(
      invalidField(
        'spec.versions',
        numberAt({ count: stored.length }, ['count'], 0),
        'must have exactly one version marked as storage version',
      ),
    );
  }
  return causes;
}
