// SPDX-License-Identifier: Apache-2.0
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  DeliveryProblem,
  FleetTwin,
  FleetTwinEdit,
} from '@causeway/plugin-delivery-common';
import { problemOf } from '@causeway/plugin-delivery-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { fleetApiRef } from '../api/fleetApi';

/** Sets properties of a twin and then reads the fleet again. */
export function useTwinEdit(
  at: {
    readonly device: { readonly cluster: string; readonly name: string };
    readonly twin: Pick<FleetTwin, 'namespace' | 'name'>;
  },
  onDone: () => void,
): {
  readonly send: (edit: FleetTwinEdit) => void;
  readonly isPending: boolean;
  readonly problem?: DeliveryProblem;
} {
  const client = useApi(fleetApiRef);
  const queryClient = useQueryClient();
  const { device, twin } = at;
  const mutation = useMutation({
    mutationFn: (edit: FleetTwinEdit) =>
      client.editFleetTwin(
        {
          cluster: device.cluster,
          name: device.name,
          namespace: twin.namespace,
          device: twin.name,
        },
        edit,
      ),
    onSuccess: onDone,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['fleet'] }),
  });
  return {
    send: edit => mutation.mutate(edit),
    isPending: mutation.isPending,
    problem: mutation.error ? problemOf(mutation.error) : undefined,
  };
}
