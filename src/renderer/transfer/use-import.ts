import { useCallback, useEffect, useRef, useState } from 'react';
import type { Job } from '../../api/index.ts';
import { client, messageOf, queryClient, trpc } from '../connection.ts';
import { sendFile, UnreadableFile } from './send-file.ts';

/** How an import is to be done. */
export type Options = NonNullable<Job['options']>;

/** A file on its way to the host. In bytes. */
export interface SendingFile {
  name: string;
  sent: number;
  size: number;
}

const lookAgainMs = 3000;

export function isUnderWay({ state }: Job): boolean {
  return state === 'previewing' || state === 'running';
}

/**
 * One import, from its file to its result. It runs in the host; this follows it.
 * @param onOver is told of an import that has ended while it was followed.
 */
export function useImport(tenant: string, onOver: (job: Job) => void) {
  const [job, setJob] = useState<Job>();
  const [sending, setSending] = useState<SendingFile>();
  const [error, setError] = useState<string>();
  const stopFollowing = useRef<() => void>(() => undefined);
  const stopSending = useRef<AbortController>(undefined);
  const over = useRef(onOver);
  over.current = onOver;

  const follow = useCallback((started: Job) => {
    stopFollowing.current();
    setJob(started);
    // Those that are known are of the preview or import before.
    queryClient.removeQueries(trpc.transfer.problems.pathFilter());
    void queryClient.invalidateQueries(trpc.transfer.list.pathFilter());
    if (!isUnderWay(started)) return;
    const { tenant, id } = started;
    let latest = started;
    let again: ReturnType<typeof setTimeout> | undefined;
    let subscription: { unsubscribe: () => void } | undefined;
    const attach = () => {
      subscription = client.transfer.progress.subscribe(
        { tenant, id },
        {
          onData: (next) => {
            latest = next;
            setError(undefined);
            setJob(next);
          },
          onComplete: () => {
            queryClient.removeQueries(trpc.transfer.problems.pathFilter());
            void queryClient.invalidateQueries(trpc.transfer.list.pathFilter());
            if (started.state === 'running') over.current(latest);
          },
          onError: (problem) => {
            setError(messageOf(problem));
            again = setTimeout(attach, lookAgainMs);
          },
        },
      );
    };
    attach();
    stopFollowing.current = () => {
      clearTimeout(again);
      subscription?.unsubscribe();
    };
  }, []);
  useEffect(() => () => stopFollowing.current(), []);

  const attempt = async (work: () => Promise<Job>) => {
    setError(undefined);
    try {
      follow(await work());
    } catch (problem) {
      setError(messageOf(problem));
    }
  };

  return {
    job,
    sending,
    error,
    /** Goes to one of the imports that are there. */
    open: follow,

    /** Takes the file in. */
    send: async (file: File) => {
      const controller = new AbortController();
      stopSending.current = controller;
      setError(undefined);
      setSending({ name: file.name, sent: 0, size: file.size });
      let begun: Job | undefined;
      try {
        let last: Job | undefined;
        await sendFile(file, {
          signal: controller.signal,
          send: async (text, isLast) => {
            begun ??= await client.transfer.begin.mutate({ tenant, name: file.name, size: file.size });
            last = await client.transfer.append.mutate({ tenant, id: begun.id, text, isLast });
          },
          onSent: (sent) => setSending({ name: file.name, sent, size: file.size }),
        });
        if (last) follow(last);
      } catch (problem) {
        if (begun) await client.transfer.remove.mutate({ tenant, id: begun.id }).catch(() => undefined);
        if (!controller.signal.aborted) setError(problem instanceof UnreadableFile ? problem.message : messageOf(problem));
      } finally {
        setSending(undefined);
      }
    },
    cancelSending: () => stopSending.current?.abort(),

    preview: (id: string, options: Options) => attempt(() => client.transfer.preview.mutate({ tenant, id, options })),
    /** Starts it as it was previewed, or goes on where it stopped. */
    run: (id: string) => attempt(() => client.transfer.run.mutate({ tenant, id })),
    cancel: (id: string) => attempt(() => client.transfer.cancel.mutate({ tenant, id })),

    /** Forgets it, with its file. */
    discard: async (id: string) => {
      setError(undefined);
      try {
        await client.transfer.remove.mutate({ tenant, id });
        setJob(undefined);
      } catch (problem) {
        setError(messageOf(problem));
      }
      void queryClient.invalidateQueries(trpc.transfer.list.pathFilter());
    },

    /** Leaves it; what runs in the host, runs on. */
    leave: () => {
      stopFollowing.current();
      stopSending.current?.abort();
      setJob(undefined);
      setError(undefined);
    },
  };
}

export type Import = ReturnType<typeof useImport>;
