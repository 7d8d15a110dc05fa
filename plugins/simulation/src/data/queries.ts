// SPDX-License-Identifier: Apache-2.0
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  ScenarioDescription,
  ScenarioRequest,
  ScenarioRun,
  SimulationView,
} from '@causeway/plugin-simulation-common';
import {
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
} from '@tanstack/react-query';
import { simulationApiRef } from '../api/simulationApi';
import { isNotConfigured } from '../api/SimulationProblem';

/** How often the page looks again while it is visible, in milliseconds. */
const LOOK_AGAIN = 3_000;

const keys = {
  scene: ['simulation', 'scene'],
  scenarios: ['simulation', 'scenarios'],
};

/** The world and its runs as they were read together. */
export interface Scene {
  readonly world: SimulationView;
  readonly runs: readonly ScenarioRun[];
  /** By the clock of this machine, in milliseconds. */
  readonly readAt: number;
}

/** The world and what runs in it, read again and again. Where there is no simulation, one answer is enough. */
export function useScene() {
  const api = useApi(simulationApiRef);
  return useQuery<Scene>({
    queryKey: keys.scene,
    queryFn: async () => {
      const [world, runs] = await Promise.all([api.world(), api.runs()]);
      return { world, runs, readAt: Date.now() };
    },
    refetchInterval: query =>
      isNotConfigured(query.state.error) ? false : LOOK_AGAIN,
  });
}

/** What can be started. */
export function useScenarios() {
  const api = useApi(simulationApiRef);
  return useQuery<readonly ScenarioDescription[]>({
    queryKey: keys.scenarios,
    queryFn: () => api.scenarios(),
  });
}

/** Starts a scenario. */
export function useStart(onStarted: (run: ScenarioRun) => void) {
  const api = useApi(simulationApiRef);
  return useChange((request: ScenarioRequest) => api.start(request), onStarted);
}

/** Stops a run. */
export function useStop(onStopped: (run: ScenarioRun) => void) {
  const api = useApi(simulationApiRef);
  return useChange((id: string) => api.stop(id), onStopped);
}

/** Stops all runs. */
export function useStopAll() {
  const api = useApi(simulationApiRef);
  return useChange(
    () => api.stopAll(),
    () => undefined,
  );
}

/** A change of the world; the page shows nothing of it before it has read the world again. */
function useChange<Argument, Result>(
  change: (argument: Argument) => Promise<Result>,
  onSuccess: (result: Result) => void,
): UseMutationResult<Result, Error, Argument> {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess,
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.scene }),
  });
}
