// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubeEdgeDefinitions, startApiServer } from '@causeway/simulator';
import { generate } from 'selfsigned';
import type { Answer } from '../../clusters/ClusterTransport';
import { HttpClusterTransport } from '../../clusters/HttpClusterTransport';
import { namespaced } from '../../clusters/namespaced';
import { deviceModels, devices, deviceStatuses, nodes } from '../watchedFleet';

const token = 'a-long-and-random-token-of-a-test';
const namespace = 'boards';
const group = 'devices.kubeedge.io/v1beta1';
/** A test ends by itself. */
const forever = new AbortController().signal;

/** What a device says of its properties. */
type Report = Readonly<
  Record<string, { readonly observed?: string; readonly reported: string }>
>;

interface Device {
  readonly spec: {
    readonly properties: readonly {
      readonly name: string;
      readonly desired?: { readonly value: string };
    }[];
  };
}

/** How a portal reaches a cluster. */
export interface ClusterAddress {
  readonly url: string;
  readonly token: string;
  readonly caFile?: string;
}

/**
 * A node with a KubeEdge lamp, in an API server that a test speaks for: it is told what the lamp
 * reports, in the layout of either KubeEdge.
 */
export class TwinCluster {
  private constructor(
    private readonly layout: 'device' | 'deviceStatus',
    readonly access: ClusterAddress,
    private readonly client: HttpClusterTransport,
    private readonly close: () => Promise<void>,
  ) {}

  /** On the simulated API server. */
  static async start(layout: 'device' | 'deviceStatus'): Promise<TwinCluster> {
    const directory = await mkdtemp(join(tmpdir(), 'causeway-twins-'));
    const tls = await generate([{ name: 'commonName', value: 'cluster' }], {
      keyType: 'ec',
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
      ],
    });
    const caFile = join(directory, 'ca.crt');
    await writeFile(caFile, tls.cert);
    const api = await startApiServer({
      name: layout,
      port: 0,
      tls: { key: tls.private, cert: tls.cert },
      tokens: [{ token, user: 'portal', groups: ['system:masters'] }],
      clock: () => new Date(),
    });
    return TwinCluster.fill(
      layout,
      { url: api.url, token, caFile },
      async () => {
        await api.stop();
        await rm(directory, { recursive: true, force: true });
      },
      kubeEdgeDefinitions(layout),
    );
  }

  /** On any API server that has no KubeEdge yet. */
  static async fill(
    layout: 'device' | 'deviceStatus',
    access: ClusterAddress & { readonly caFile: string },
    close: () => Promise<void>,
    definitions: readonly object[],
  ): Promise<TwinCluster> {
    const ca = await readFile(access.caFile, 'utf8');
    const client = new HttpClusterTransport(async () => ({
      server: access.url,
      agent: new https.Agent({ ca, keepAlive: true }),
      headers: { Authorization: `Bearer ${access.token}` },
    }));
    const cluster = new TwinCluster(layout, access, client, async () => {
      client.close();
      await close();
    });
    for (const definition of definitions) {
      await cluster.#create(
        '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
        {
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'CustomResourceDefinition',
          ...definition,
        },
      );
    }
    await cluster.#create('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace },
    });
    await cluster.#create(nodes.path, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: 'pi-1',
        labels: {
          'node-role.kubernetes.io/edge': '',
          'node-role.kubernetes.io/agent': '',
          'causeway.dev/site': 'oslo',
        },
      },
    });
    await cluster.#create(collection(deviceModels.path), aModel());
    for (const [name, node] of [
      ['lamp-1', 'pi-1'],
      ['lamp-of-another', 'pi-2'],
    ]) {
      await cluster.#create(collection(devices.path), aLamp(name, node));
    }
    if (layout === 'deviceStatus') {
      await cluster.#create(collection(deviceStatuses.path), {
        apiVersion: group,
        kind: 'DeviceStatus',
        metadata: { name: 'lamp-1', namespace },
        spec: {},
        status: { state: 'online' },
      });
    }
    return cluster;
  }

  async device(): Promise<Device> {
    const path = namespaced(devices.path, { namespace, name: 'lamp-1' });
    const found = taken(await this.client.get(path, forever));
    // The API server has checked it against its definition.
    return found as Device;
  }

  /** What is desired of a property, in the cluster itself. */
  async desired(property: string): Promise<string | undefined> {
    const { spec } = await this.device();
    return spec.properties.find(({ name }) => name === property)?.desired
      ?.value;
  }

  /** The lamp reports; it says nothing of properties that are left out. */
  async report(report: Report): Promise<void> {
    const at = { timestamp: String(Date.now()), type: 'string' };
    const twins = Object.entries(report).map(
      ([propertyName, { observed, reported }]) => ({
        propertyName,
        reported: { value: reported, metadata: at },
        ...(observed !== undefined && {
          observedDesired: { value: observed, metadata: at },
        }),
      }),
    );
    const { path } = this.layout === 'device' ? devices : deviceStatuses;
    taken(
      await this.client.patch(
        namespaced(path, { namespace, name: 'lamp-1' }),
        { status: { state: 'online', twins } },
        {},
        forever,
      ),
    );
  }

  /** The lamp reports its heat again and again, as devices do while somebody edits them. */
  keepReporting(): { stop(): Promise<void> } {
    let goesOn = true;
    const running = (async () => {
      for (let heat = 20; goesOn; heat++) {
        await this.report({
          heat: { reported: String(heat) },
          brightness: { observed: '50', reported: '50' },
        });
        await pause(50);
      }
    })();
    return {
      async stop() {
        goesOn = false;
        await running;
      },
    };
  }

  stop(): Promise<void> {
    return this.close();
  }

  /** A server takes a moment until it serves what was defined. */
  async #create(path: string, body: object): Promise<void> {
    for (;;) {
      const answer = await this.client.create(path, body, {}, forever);
      if (answer.ok) return;
      if (answer.failure.kind !== 'missing') taken(answer);
      await pause(100);
    }
  }
}

function collection(path: string): string {
  return namespaced(path, { namespace, name: '' }).replace(/\/$/, '');
}

function taken<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(answer.failure.problem);
  return answer.value;
}

function aModel(): object {
  return {
    apiVersion: group,
    kind: 'DeviceModel',
    metadata: { name: 'lamp', namespace },
    spec: {
      protocol: 'gpio',
      properties: [
        {
          name: 'brightness',
          type: 'INT',
          accessMode: 'ReadWrite',
          minimum: '0',
          maximum: '100',
          unit: '%',
        },
        { name: 'heat', type: 'INT', accessMode: 'ReadOnly', unit: '°C' },
      ],
    },
  };
}

function aLamp(name: string, nodeName: string): object {
  return {
    apiVersion: group,
    kind: 'Device',
    metadata: { name, namespace },
    spec: {
      deviceModelRef: { name: 'lamp' },
      nodeName,
      properties: [
        { name: 'brightness', desired: { value: '50' } },
        { name: 'heat', visitors: { kept: 'whole' } },
      ],
    },
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, milliseconds);
  });
}
