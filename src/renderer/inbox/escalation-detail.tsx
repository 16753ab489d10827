import { ActionIcon, Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconShieldCheck, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { ShownEscalation } from '../../api/index.ts';
import type { Side } from '../../directory/pure.ts';
import { Ago } from '../ago.tsx';
import { messageOf, refusalOf, trpc } from '../connection.ts';
import { AuthorIcon } from '../history/author-icon.tsx';
import { doors } from '../history/words.ts';
import type { Opened } from '../navigation.ts';
import { authorName, exactTime } from '../words.ts';
import { AnswerBar } from './answer-bar.tsx';
import { EditProposal, useEdit } from './edit-proposal.tsx';
import { Outcome } from './outcome.tsx';
import { ProposedChanges } from './proposed-changes.tsx';
import { useDecide, type Answered } from './use-decide.ts';
import { untilText, wantsTo } from './words.ts';

interface Props {
  tenant: string;
  id: string;
  onShow: (subject: Opened) => void;
  onClose: () => void;
}

/** One question: what is asked, by whom, why, what it would do, and the answer. */
export function EscalationDetail({ tenant, id, onShow, onClose }: Props) {
  const found = useQuery(trpc.escalations.get.queryOptions({ tenant, id }));
  if (found.data) return <Shown escalation={found.data} onShow={onShow} onClose={onClose} />;
  return (
    <section className="inbox-detail" aria-label="Question">
      {found.error ? (
        <Stack align="flex-start">
          <Text role="alert">
            {refusalOf(found.error)?.code === 'NOT_FOUND' ? 'This question is not kept any more.' : messageOf(found.error)}
          </Text>
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
        </Stack>
      ) : (
        <Stack aria-label="Loading">
          <Skeleton height={28} width="60%" />
          <Skeleton height={160} />
        </Stack>
      )}
    </section>
  );
}

const told: Record<Exclude<Answered, 'done'>, string> = {
  changed:
    'Somebody changed something meanwhile, so it would do something else than what you saw. Nothing was done yet: look at it once more, then answer.',
  late: 'It was answered before your answer came, or its time was over.',
};

function Shown({ escalation, onShow, onClose }: { escalation: ShownEscalation } & Pick<Props, 'onShow' | 'onClose'>) {
  const { tenant, from, intent, created, deadline, proposed, state, kind, to, asks } = escalation;
  const [sides, setSides] = useState<Readonly<Record<string, Side>>>({});
  const [note, setNote] = useState<Answered>();
  const edit = useEdit(escalation);
  const decide = useDecide(escalation);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [escalation.id]);
  const isPending = state === 'pending';
  const answer = async (wanted: Parameters<typeof decide.mutateAsync>[0]) => {
    setNote(undefined);
    try {
      setNote(await decide.mutateAsync(wanted));
    } catch {
      // The mutation shows it.
    }
  };
  const collisions = proposed[0]?.collisions ?? [];
  const asked = (path: string): Side => collisions.find((collision) => collision.path === path)?.stands ?? 'mine';
  const other = collisions.flatMap(({ path }) => {
    const side = sides[path];
    return side === undefined || side === asked(path) ? [] : [[path, side] as const];
  });
  const approve = () =>
    void answer({ approve: true, ...(other.length > 0 && { edited: { choices: Object.fromEntries(other) } }) });
  return (
    <section className="inbox-detail" aria-label="Question">
      <div className="inbox-scroll">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Title order={3} size="h4" className="wraps inbox-title" ref={heading} tabIndex={-1}>
            <bdi>{from.name}</bdi> {wantsTo(escalation)}
          </Title>
          <ActionIcon variant="subtle" color="gray" aria-label="Close the question" onClick={onClose}>
            <IconX size={18} aria-hidden />
          </ActionIcon>
        </Group>
        <Text size="sm" c="dimmed" className="inbox-who">
          <AuthorIcon author={from} /> {doors[from.door]} · asked <Ago at={created} />
          {kind === 'negotiation' && to !== 'people' && !asks && <Asked tenant={tenant} id={to} />}
        </Text>
        {note && note !== 'done' && (
          <Text size="sm" role="status" className="banner">
            {told[note]}
          </Text>
        )}
        <Outcome escalation={escalation} onShow={onShow} />
        {!asks && <Intent intent={intent} />}
        <Why escalation={escalation} />
        {isPending && edit.isOpen ? (
          <EditProposal escalation={escalation} edit={edit} error={decide.error} onReset={decide.reset} />
        ) : (
          <ProposedChanges
            tenant={tenant}
            agent={from.name}
            proposed={proposed}
            choices={
              isPending && proposed.length === 1
                ? { sideOf: (path) => sides[path] ?? asked(path), onChoose: (path, side) => setSides({ ...sides, [path]: side }) }
                : undefined
            }
          />
        )}
        {isPending && (
          <Text size="xs" c="dimmed" title={exactTime(deadline)}>
            If nobody answers within {untilText(deadline)}, nothing is changed, and the agent is told so.
          </Text>
        )}
      </div>
      {isPending && (
        <AnswerBar
          key={escalation.id}
          edit={edit}
          isAnswering={decide.isPending}
          error={decide.error}
          onApprove={approve}
          onApproveEdited={(edited) => void answer({ approve: true, edited })}
          onDecline={(reason) => void answer({ approve: false, ...(reason !== '' && { reason }) })}
        />
      )}
    </section>
  );
}

/** Why the agent wants it, in its own words. */
function Intent({ intent }: { intent: string | undefined }) {
  if (intent !== undefined) return <blockquote className="inbox-intent wraps">“{intent}”</blockquote>;
  return (
    <Text size="sm" c="dimmed">
      It gave no reason.
    </Text>
  );
}

/** The agent that is asked, by its name if it has done something here. */
function Asked({ tenant, id }: { tenant: string; id: string }) {
  const seen = useQuery(trpc.audit.list.queryOptions({ tenant, actor: id, count: 1 }));
  const name = seen.data?.entries[0]?.actor.name;
  return (
    <>
      {' '}
      · asks {name === undefined ? 'the agent' : <bdi>{name}</bdi>} <span title={id}>({id.slice(0, 12)})</span>
    </>
  );
}

/** Why people are asked at all. */
function Why({ escalation: { rule, kind, to, asks } }: { escalation: ShownEscalation }) {
  const says =
    rule?.says ??
    (kind === 'conflict'
      ? 'Others changed the same fields since the agent read them, and it does not decide alone.'
      : kind === 'negotiation'
        ? to === 'people'
          ? 'The agent proposes it.'
          : asks
            ? `${authorName(asks)} asked the agent whether to make its change again. It can still be answered here: the first answer counts.`
            : 'The agents settle it between them. You can step in: the first answer counts.'
        : 'The agent asks by itself.');
  return (
    <div className="inbox-rule">
      <IconShieldCheck size={18} aria-hidden />
      <Text size="sm">
        {says} {rule && <span className="inbox-rule-id">{rule.id}</span>}
      </Text>
    </div>
  );
}
