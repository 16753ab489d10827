import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { queryClient, trpc } from '../connection.ts';

/** Runs a change of clients or keys, says what was done, and shows the list anew. */
export function useChange() {
  return useMutation({
    mutationFn: async ({ change, told }: { change: () => Promise<unknown>; told: string }) => {
      await change();
      notifications.show({ message: told });
    },
    onSettled: () => queryClient.invalidateQueries(trpc.clients.pathFilter()),
  });
}
