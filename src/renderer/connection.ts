import { QueryClient } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, httpLink, httpSubscriptionLink, splitLink, TRPCClientError } from '@trpc/client';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';
import type { AssistantFault, Refusal, WindowRouter } from '../api/index.ts';

/** In a browser, the page's half of the session (docs/decisions/0003); in Electron there is none. */
const page = (): string => localStorage.getItem('tandem.page') ?? '';

export const client = createTRPCClient<WindowRouter>({
  links: [
    splitLink({
      condition: ({ type }) => type === 'subscription',
      true: httpSubscriptionLink({ url: '/trpc', connectionParams: () => ({ page: page() }) }),
      false: httpBatchLink({ url: '/trpc', headers: () => ({ 'x-tandem-page': page() }), maxItems: 20, maxURLLength: 12_000 }),
    }),
  ],
});

/** For what a page says when it ends: such a call is made at once, and outlives the page. */
export const parting = createTRPCClient<WindowRouter>({
  links: [
    httpLink({
      url: '/trpc',
      headers: () => ({ 'x-tandem-page': page() }),
      fetch: (url, options) => fetch(url, { ...(options as RequestInit), keepalive: true }),
    }),
  ],
});

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Infinity,
      refetchOnWindowFocus: false,
      retry: (failures, error) =>
        failures < 2 && refusalOf(error) === undefined && faultOf(error) === undefined && !isSessionOver(error),
    },
  },
});

export const trpc = createTRPCOptionsProxy<WindowRouter>({ client, queryClient });

/** @returns why the directory refused a call; undefined for any other failure. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof TRPCClientError)) return undefined;
  return (error.data as { refusal?: Refusal } | null | undefined)?.refusal;
}

/** @returns why the assistant refused a call; undefined for any other failure. */
export function faultOf(error: unknown): AssistantFault | undefined {
  if (!(error instanceof TRPCClientError)) return undefined;
  return (error.data as { fault?: AssistantFault } | null | undefined)?.fault;
}

export function isSessionOver(error: unknown): boolean {
  return error instanceof TRPCClientError && (error.data as { code?: string } | null | undefined)?.code === 'UNAUTHORIZED';
}

/** What to tell a person about a failure. */
export function messageOf(error: unknown): string {
  if (refusalOf(error)) return (error as Error).message;
  if (error instanceof TRPCClientError && error.data) return error.message;
  return 'Tandem does not answer. Check that it is running, then try again.';
}
