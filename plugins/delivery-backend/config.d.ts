// SPDX-License-Identifier: Apache-2.0

export interface Config {
  /** Pipelines, releases, promotions and rollbacks. */
  delivery?: {
    /** The fleet repository of pipeline documents that name none. */
    fleet?: {
      /** Clone URL (http or https) without credentials; those come from `integrations`. */
      repository: string;
      /** Default: main. */
      branch?: string;
    };
    /** Folder for mirrors of Git repositories; they can be made again at any time. */
    dataDirectory?: string;
    releases?: {
      /** What the CI of which repositories signs its release reports with. */
      secrets?: Array<{
        /** URL of a repository; `*` stands for anything but a slash. */
        repository: string;
        /** @visibility secret */
        secret: string;
      }>;
    };
    /** The files that CI leaves with releases. */
    evidence?: {
      /** Of one file. Default: 10 MiB. */
      maximumBytes?: number;
      /** Days for which files are kept. Default: 365. */
      keepDays?: number;
    };
    webhooks?: {
      /** Push webhooks of Gitea and Forgejo. */
      gitea?: {
        /** @visibility secret */
        secret: string;
      };
    };
    canaries?: {
      /**
       * The keys with which clusters ask about canaries are made of it; without it none is answered.
       * @visibility secret
       */
      secret?: string;
    };
    clusters?: {
      /** Write to clusters under the name of the user, by impersonation. Default: false. */
      impersonate?: boolean;
      /** Objects of one cluster that are kept in memory at most. */
      maximumObjects?: number;
    };
    /** The devices of the fleet. */
    devices?: {
      /** The inventory file: a path in the fleet repository, or a whole address. Default: fleet.yaml. */
      inventory?: string;
      /** Seconds between two readings of measurements. Default: 30. */
      telemetrySeconds?: number;
      /** The label by which measurements name a node. Default: node. */
      nodeLabel?: string;
      /** Days for which changes of devices are kept. Default: 30. */
      historyDays?: number;
      /** The share of a site or cluster that must fall silent within a minute to be one incident. Default: 0.5. */
      incidentShare?: number;
      /** What is healthy, by hardware class; `default` stands for all others. */
      hardware?: {
        [name: string]: {
          /** As people write it. */
          title?: string;
          /** °C. */
          temperature?: { warning?: number; critical?: number };
          /** Percent in use. */
          storage?: { warning?: number; critical?: number };
          /** Percent in use. */
          memory?: { warning?: number; critical?: number };
          /** Graphics processors that a device must offer. */
          graphicsProcessors?: number;
        };
      };
    };
    /** Actions on devices. */
    actions?: {
      /** Which actions need the word of a second person. */
      approval?: {
        /** Of the destructive kinds: every action, those on many devices, or none. Default: mass. */
        destructive?: 'always' | 'mass' | 'never';
        /** From how many devices on it is many. Default: 2. */
        massFrom?: number;
      };
      /** Devices of a site that are interrupted at the same time at most. Default: 2. */
      perSite?: number;
      /**
       * Jobs that run on a device when somebody asks for it. What they run stands here alone; a request
       * names the kind and nothing else.
       */
      jobs?: Array<{
        /** `reboot`, `backup`, `healthCheck`, or a name of your own: letters and digits. */
        kind: string;
        title?: string;
        /** What it does to the device and what runs there, for the people who ask for it. */
        consequence?: string;
        /** Of the Job; must be there. */
        namespace: string;
        image: string;
        command: string[];
        args?: string[];
        serviceAccount?: string;
        /** With all rights on the device, in its process and network namespaces. Default: false. */
        privileged?: boolean;
        /** Whether the device must have booted anew for it to have worked. Default: only for `reboot`. */
        reboots?: boolean;
        /** Whether many at once need a second person. Default: true, but not for `backup` and `healthCheck`. */
        destructive?: boolean;
        /** Whether it counts against `perSite`. Default: as `destructive`. */
        interrupts?: boolean;
        /** Default: 900. */
        timeoutSeconds?: number;
        /** Default: 1. */
        attempts?: number;
      }>;
      /** Upgrades of devices; what is left out is not offered. A request says which version, and nothing else. */
      upgrades?: {
        /** Of K3s, by system-upgrade-controller, which the clusters must have. */
        k3s?: {
          /** That the controller watches. Default: system-upgrade. */
          namespace?: string;
          /** That its Jobs run under. Default: system-upgrade. */
          serviceAccount?: string;
          /** Without a tag, which is the version. Default: rancher/k3s-upgrade. */
          image?: string;
          /** Whether servers are upgraded too, and not agents alone. Default: false. */
          servers?: boolean;
          /** How long the Job may take. Default: 1800. */
          timeoutSeconds?: number;
          /** Clusters that it is offered in. Default: all. */
          clusters?: string[];
        };
        /** Of EdgeCore, by KubeEdge 1.21 or newer. */
        edgeCore?: {
          /** Without a tag, which is the version. Default: kubeedge/installation-package. */
          image?: string;
          /** What the image must be on the device, `sha256:…`. Not checked when left out. */
          digests?: { arm64?: string; amd64?: string };
          /** What the device looks at first. Default: disk. */
          checks?: Array<'cpu' | 'mem' | 'disk'>;
          /** Whether somebody at the device has to agree. Default: false. */
          requireConfirmation?: boolean;
          /** How long each step may take, also the agreement. Default: 600. */
          timeoutSeconds?: number;
          /** Clusters that it is offered in. Default: all. */
          clusters?: string[];
        };
        /** Of operating systems, by system-upgrade-controller; each by a name, of small letters, digits and hyphens. */
        os?: {
          [name: string]: {
            /** For people. Default: the name. */
            title?: string;
            /** Runs with all rights on the device, whose files are in /host. Without a tag, the version is the tag. */
            image: string;
            /** Default: those of the image. */
            command?: string[];
            args?: string[];
            /** From which people choose one. */
            versions: Array<{
              /** In the variable SYSTEM_UPGRADE_PLAN_LATEST_VERSION for what runs. */
              version: string;
              /** What the Node must tell afterwards. Nothing when left out. */
              expect?: {
                /** Word for word, or between slashes a regular expression of the whole. */
                osImage?: string;
                /** Likewise. */
                kernelVersion?: string;
                /** Whether the device must have booted anew. Default: false. */
                reboot?: boolean;
              };
            }>;
            /** Kinds of hardware that it is for. Default: all. */
            hardware?: string[];
            /** Whether it is for servers too, and not for agents alone. Default: false. */
            servers?: boolean;
            /** Clusters that it is offered in. Default: all. */
            clusters?: string[];
            /** That the controller watches. Default: system-upgrade. */
            namespace?: string;
            /** That its Jobs run under. Default: system-upgrade. */
            serviceAccount?: string;
            /** How long the Job may take. Default: 3600. */
            timeoutSeconds?: number;
          };
        };
      };
    };
    /** Waves over devices. */
    waves?: {
      /**
       * What the health of a wave can run on a device by a Job, by the name that pipelines give. What they
       * run stands here alone.
       */
      probes?: {
        [name: string]: {
          /** With a tag other than latest, or with a digest. */
          image: string;
          command: string[];
          /** How long it may run; longer is a failure. Default: 60. */
          timeoutSeconds?: number;
          /** How long a device may take to begin it, with the pull of its image. Default: 120. */
          startSeconds?: number;
          /** Of the Job; must be there. Without it a Job gets no token. */
          serviceAccount?: string;
          /** Of the Job; must be there. Default: that of the workload. */
          namespace?: string;
        };
      };
    };
    /** Drills on real devices. */
    drills?: {
      /** The Jobs that bring faults about. Nothing of them comes from a request. */
      jobs?: {
        /** Clusters whose devices are drilled so, by their names in the portal. */
        clusters: string[];
        /** Of the Jobs; must be there and allow privileged pods. */
        namespace: string;
        /** With a shell, `tc` and the programs of util-linux. */
        image: string;
        /** How long a Job may take until it has begun a fault. Default: 90. */
        startSeconds?: number;
        /** From the end of that Job to a fault of the network or a boot, in which the cluster hears of it. Default: 20. */
        leadSeconds?: number;
        /** After its time, a device ends a fault by itself. Default: 120. */
        graceSeconds?: number;
      };
    };
    /** Prometheus servers, and what speaks like one, that the metrics of canaries and devices come from. */
    prometheus?: Array<{
      /** Stands for the server in messages; unique. */
      name: string;
      /** Address (http or https) above `/api/v1`, without credentials. */
      url: string;
      /** Clusters whose metrics it has, by their names in the portal. Default: all. */
      clusters?: string[];
      /** The label by which its measurements of devices tell clusters apart, where it has several. */
      clusterLabel?: string;
      /** @visibility secret */
      bearerToken?: string;
      username?: string;
      /** @visibility secret */
      password?: string;
      /**
       * Sent with every question, such as `X-Scope-OrgID`.
       * @deepVisibility secret
       */
      headers?: { [name: string]: string };
      /**
       * PromQL for one arm of a canary; `{{namespace}}`, `{{workload}}` (the arm's Deployment) and
       * `{{pod_regex}}` (its pods) stand for the arm.
       */
      queries?: {
        /** Selector of the request counters. Default: `http_requests_total{…}`. */
        requests?: string;
        /** The label of those counters that tells failures apart. Default: status. */
        errorLabel?: string;
        /** The label's values that are failures, as a regular expression. Default: 5.. */
        errorPattern?: string;
        /** Selector of counters of failures alone, which takes the place of label and pattern. */
        errors?: string;
        /** Selector of the latency buckets. Default: `http_request_duration_seconds_bucket{…}`. */
        latency?: string;
        /** What the buckets' bounds are in. Default: seconds. */
        latencyUnit?: 'seconds' | 'milliseconds';
        /** Expression, by pod: processor time in percent of the limit. */
        cpuPercent?: string;
        /** Expression, by pod: memory in percent of the limit. */
        memoryPercent?: string;
      };
    }>;
  };
}
