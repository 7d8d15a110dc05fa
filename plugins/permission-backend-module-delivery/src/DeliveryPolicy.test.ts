// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { catalogLocationCreatePermission } from '@backstage/plugin-catalog-common/alpha';
import {
  actionExecutePermission,
  scaffolderPermissions,
  taskCancelPermission,
  taskCreatePermission,
  taskReadPermission,
  templateDryRunPermission,
} from '@backstage/plugin-scaffolder-common/alpha';
import {
  createPermission,
  type Permission,
} from '@backstage/plugin-permission-common';
import {
  createConditionAuthorizer,
  type PermissionRuleset,
} from '@backstage/plugin-permission-node';
import { kubernetesPermissions } from '@backstage/plugin-kubernetes-common';
import {
  deliveryAuditReadPermission,
  deliveryPermissions,
  deliveryPipelineReadPermission,
  deliveryPromotionApprovePermission,
  deliveryPromotionCancelPermission,
  deliveryPromotionCreatePermission,
  deliveryRollbackPermission,
  fleetDeviceActPermission,
  fleetDeviceReadPermission,
  fleetDrillRunPermission,
  fleetDrillSignPermission,
  fleetPermissions,
} from '@causeway/plugin-delivery-common';
import { stageRules, type StageResource } from '@causeway/plugin-delivery-node';
import {
  simulationControlPermission,
  simulationPermissions,
  simulationReadPermission,
} from '@causeway/plugin-simulation-common';
import { DeliveryPolicy } from './DeliveryPolicy';
import { readRoles } from './roles';

const policy = new DeliveryPolicy(
  readRoles(
    mockServices.rootConfig({
      data: {
        permission: {
          delivery: { roles: { creators: ['team-vision', 'team-belts'] } },
        },
      },
    }),
  ),
);

const people = {
  mia: ['team-vision'],
  nils: ['team-belts'],
  jonas: ['team-vision', 'team-leads'],
  omar: ['product-owners', 'team-leads'],
  ivan: ['edge-operators'],
  ines: ['edge-operators', 'platform'],
  lena: ['norden'],
} as const;
type Person = keyof typeof people;

/** Stages of parcel-vision, which team-vision owns. */
const stages: Record<string, StageResource> = Object.fromEntries(
  (
    [
      ['cloud-staging', 'cloud'],
      ['cloud-production', 'cloud'],
      ['edge-staging', 'edge'],
      ['edge-production', 'edge'],
    ] as const
  ).map(([stage, kind]) => [
    stage,
    {
      service: 'component:default/parcel-vision',
      owners: ['group:default/team-vision'],
      stage,
      kind,
    },
  ]),
);

function asUser(person: Person) {
  const userEntityRef = `user:default/${person}`;
  return {
    credentials: mockCredentials.user(userEntityRef),
    info: {
      userEntityRef,
      ownershipEntityRefs: [
        userEntityRef,
        ...people[person].map(group => `group:default/${group}`),
      ],
    },
  };
}

const decide = createConditionAuthorizer<StageResource>({
  getRuleByName: name => {
    const rule = Object.values(stageRules).find(one => one.name === name);
    if (!rule) throw new Error(`No rule ${name}`);
    // The authorizer hands the rule its own conditions' parameters, which the type can not say.
    return rule as ReturnType<
      PermissionRuleset<StageResource>['getRuleByName']
    >;
  },
});

async function mayOn(permission: Permission, person: Person) {
  const decision = await policy.handle({ permission }, asUser(person));
  return Object.keys(stages).filter(stage => decide(decision, stages[stage]));
}

const all = Object.keys(stages);
const staging = ['cloud-staging', 'edge-staging'];
const cloud = ['cloud-staging', 'cloud-production'];
const edge = ['edge-staging', 'edge-production'];
const none: string[] = [];

describe('DeliveryPolicy', () => {
  it.each<[string, Permission, Record<Person, string[]>]>([
    [
      'promote',
      deliveryPromotionCreatePermission,
      {
        mia: all,
        nils: none,
        jonas: all,
        omar: none,
        ivan: edge,
        ines: all,
        lena: none,
      },
    ],
    [
      'approve',
      deliveryPromotionApprovePermission,
      {
        mia: none,
        nils: none,
        jonas: all,
        omar: all,
        ivan: none,
        ines: all,
        lena: none,
      },
    ],
    [
      'cancel',
      deliveryPromotionCancelPermission,
      {
        mia: all,
        nils: none,
        jonas: all,
        omar: all,
        ivan: edge,
        ines: all,
        lena: none,
      },
    ],
    [
      'roll back',
      deliveryRollbackPermission,
      {
        mia: staging,
        nils: none,
        jonas: ['cloud-staging', 'cloud-production', 'edge-staging'],
        omar: cloud,
        ivan: edge,
        ines: all,
        lena: none,
      },
    ],
  ])('says who may %s where', async (_what, permission, expected) => {
    const found = await Promise.all(
      (Object.keys(people) as Person[]).map(async person => [
        person,
        await mayOn(permission, person),
      ]),
    );
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  it.each<[string, Permission, Person[]]>([
    [
      'see pipelines',
      deliveryPipelineReadPermission,
      Object.keys(people) as Person[],
    ],
    ['see devices', fleetDeviceReadPermission, Object.keys(people) as Person[]],
    ['act on devices', fleetDeviceActPermission, ['ivan', 'ines']],
    ['run drills', fleetDrillRunPermission, ['ivan', 'ines']],
    [
      'sign off drills',
      fleetDrillSignPermission,
      ['jonas', 'omar', 'ivan', 'ines'],
    ],
    ['read the audit log', deliveryAuditReadPermission, ['ines']],
    ...kubernetesPermissions.map(
      (permission): [string, Permission, Person[]] => [
        `use ${permission.name}`,
        permission,
        permission.name === 'kubernetes.proxy'
          ? ['ines']
          : (Object.keys(people) as Person[]),
      ],
    ),
    [
      'read anything else',
      createPermission({
        name: 'some.thing.read',
        attributes: { action: 'read' },
      }),
      Object.keys(people) as Person[],
    ],
    [
      'see the simulated world',
      simulationReadPermission,
      Object.keys(people) as Person[],
    ],
    [
      'create from a template',
      taskCreatePermission,
      ['mia', 'nils', 'jonas', 'ines'],
    ],
    [
      'let a template act',
      actionExecutePermission,
      ['mia', 'nils', 'jonas', 'ines'],
    ],
    [
      'put what was created into the catalog',
      catalogLocationCreatePermission,
      ['mia', 'nils', 'jonas', 'ines'],
    ],
    [
      'try templates that are not in the catalog',
      templateDryRunPermission,
      ['ines'],
    ],
    ['start and stop scenarios', simulationControlPermission, ['ivan', 'ines']],
    [
      'change anything else',
      createPermission({
        name: 'some.thing.change',
        attributes: { action: 'update' },
      }),
      ['ines'],
    ],
    [
      'use a delivery permission that the policy does not know',
      createPermission({ name: 'delivery.breakglass', attributes: {} }),
      [],
    ],
    [
      'use a permission on devices that the policy does not know',
      createPermission({ name: 'fleet.device.wipe', attributes: {} }),
      [],
    ],
  ])('says who may %s', async (_what, permission, expected) => {
    const found = await Promise.all(
      (Object.keys(people) as Person[]).map(async person => {
        const { result } = await policy.handle({ permission }, asUser(person));
        return result === 'ALLOW' ? [person] : [];
      }),
    );
    expect(found.flat()).toEqual(expected);
  });

  it.each<[string, Permission]>([
    ['read', taskReadPermission],
    ['cancel', taskCancelPermission],
  ])('lets people %s their own tasks only', async (_what, permission) => {
    expect(await policy.handle({ permission }, asUser('mia'))).toEqual({
      result: 'CONDITIONAL',
      pluginId: 'scaffolder',
      resourceType: 'scaffolder-task',
      conditions: {
        rule: 'IS_TASK_OWNER',
        resourceType: 'scaffolder-task',
        params: { createdBy: ['user:default/mia'] },
      },
    });
    expect(await policy.handle({ permission }, asUser('ines'))).toEqual({
      result: 'ALLOW',
    });
  });

  it('denies everything to whoever is not signed in', async () => {
    for (const permission of [
      ...deliveryPermissions,
      ...fleetPermissions,
      ...kubernetesPermissions,
      ...simulationPermissions,
      ...scaffolderPermissions,
    ]) {
      expect(await policy.handle({ permission })).toEqual({ result: 'DENY' });
    }
  });

  it('takes the groups from the configuration', async () => {
    const configured = new DeliveryPolicy(
      readRoles(
        mockServices.rootConfig({
          data: {
            permission: {
              delivery: { roles: { platform: ['group:ops/all'] } },
            },
          },
        }),
      ),
    );
    const { result } = await configured.handle(
      { permission: deliveryAuditReadPermission },
      asUser('ines'),
    );
    expect(result).toBe('DENY');
  });

  it('is what the README says', () => {
    const readme = readFileSync(resolve(__dirname, '../README.md'), 'utf8');
    for (const permission of [
      ...deliveryPermissions,
      ...fleetPermissions,
      ...simulationPermissions,
      ...scaffolderPermissions,
    ]) {
      expect(readme).toContain(`\`${permission.name}\``);
    }
  });
});
