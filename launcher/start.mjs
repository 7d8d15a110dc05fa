// SPDX-License-Identifier: Apache-2.0
import { endWith } from './failure.mjs';
import { withEmbeddedDefault } from './embedded.mjs';
import { readFlags } from './flags.mjs';
import { ensureNode22, environmentOf } from './node22.mjs';
import { installPackages } from './packages.mjs';
import { buildPortal } from './portal.mjs';
import { progress } from './progress.mjs';

function welcome(embedded) {
  return embedded.settings.flags.simulation
    ? welcomeToSimulation(embedded)
    : welcomeToOwnClusters(embedded);
}

function welcomeToOwnClusters({ address, settings }) {
  return `
  Causeway is running at ${address}

  Clusters       those of app-config.local.yaml; nothing is simulated
  Logs           ${settings.data}/logs
  Stop           Ctrl-C
`;
}

function welcomeToSimulation({ address, settings }) {
  const forge = `http://127.0.0.1:${settings.simulator}`;
  return `
  Causeway is running at ${address}

  Sign in as     Mia (developer), Jonas (team lead), Omar (product owner),
                 Ines (operator), Nils (another team), Lena (viewer)
  Try            1. As Mia, open parcel-vision and its tab Pipeline.
                 2. Push a commit:
                      git clone ${forge}/norden/parcel-vision && cd parcel-vision
                      git commit --allow-empty -m "Read labels upside down"
                      git push   (user mia, password: see forgePassword in
                                  ${settings.data}/secrets.json)
                    CI reports a release, and cloud staging deploys it by itself.
                 3. Promote it; as Jonas approve it; roll it back.
                 4. As Ines, promote belt-control to edge production, and follow the wave.
                 5. As Mia, create an Edge Web Service, and see it arrive in cloud staging.
                 6. As Ines, open Simulation and let something go wrong.
  Clusters       KUBECONFIG=${settings.data}/kubeconfig kubectl get deployments -A
  Logs           ${settings.data}/logs
  Stop           Ctrl-C
`;
}

try {
  // Before anything is installed: a wrong flag is said at once.
  readFlags(process.env);
  const node = ensureNode22();
  const environment = environmentOf(node);
  await installPackages(node, environment);
  await withEmbeddedDefault(node, environment, async embedded => {
    await Promise.all([
      embedded.startSurroundings(),
      buildPortal(node, environment),
    ]);
    embedded.startPortal();
    await embedded.untilSimulatorReady();
    await embedded.untilPortalReady();
    progress('Ready');
    process.stdout.write(welcome(embedded));
    await embedded.untilSomethingDies();
  });
  process.exit(0);
} catch (error) {
  endWith(error);
}
