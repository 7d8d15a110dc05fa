// SPDX-License-Identifier: Apache-2.0
import { listAt, objectAt, textAt } from '../objects';
import { timestamp } from '../timestamp';
import { conflict, invalid, requiredField } from '../status';
import type { SubresourceHandler } from './Subresource';

/** `POST pods/NAME/binding`: puts a pod on a node, once. */
export const binding: SubresourceHandler = {
  kind: 'Binding',
  verbs: ['create'],
  create({ type, object, now, replace }, body) {
    const name = object.metadata.name ?? '';
    const node = textAt(body, 'target', 'name');
    if (!node) {
      throw invalid({ group: '', kind: 'Binding' }, name, [
        requiredField('target.name'),
      ]);
    }
    const bound = textAt(object, 'spec', 'nodeName');
    if (bound) {
      const why = `pod ${name} is already assigned to node "${bound}"`;
      throw conflict(type, `${name}/binding`, why);
    }
    const conditions = listAt(object, 'status', 'conditions').filter(
      condition => textAt(condition, 'type') !== 'PodScheduled',
    );
    replace({
      ...object,
      spec: { ...objectAt(object, 'spec'), nodeName: node },
      status: {
        ...objectAt(object, 'status'),
        conditions: [
          ...conditions,
          {
            type: 'PodScheduled',
            status: 'True',
            lastTransitionTime: timestamp(now),
          },
        ],
      },
    });
    return {
      kind: 'object',
      code: 201,
      body: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        code: 201,
      },
    };
  },
};
