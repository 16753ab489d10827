import type { ContextNode } from '../../api/index.ts';

/** Of ordinary text; good enough to say how full something is. */
const charactersPerToken = 4;

/** @returns how much of what a model can read at once a conversation fills, between 0 and 1; since its last summary. */
export function fillOf(nodes: readonly ContextNode[], contextTokens: number): number {
  const from = Math.max(
    0,
    nodes.findLastIndex(({ contentType }) => contentType === 'summary'),
  );
  let characters = 0;
  for (const { content } of nodes.slice(from)) characters += content.length;
  return Math.min(1, characters / charactersPerToken / contextTokens);
}

/** "1,234 tokens", "12.3k tokens" */
export function tokensText(count: number): string {
  const text =
    count < 10_000 ? count.toLocaleString('en') : `${(count / 1000).toLocaleString('en', { maximumFractionDigits: 1 })}k`;
  return `${text} ${count === 1 ? 'token' : 'tokens'}`;
}

/** "$0.02"; less than a cent is said as such. */
export function moneyText(dollars: number): string {
  if (dollars > 0 && dollars < 0.01) return 'under $0.01';
  return `$${dollars.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}
