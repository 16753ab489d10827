import type { ContextNode, OpenedContext, Question, RunPlan, ToolCall } from '../../api/index.ts';
import { wordsOf } from './tool-words.ts';

/** @returns a conversation as a text that people read and Markdown programs show. Pure. */
export function markdownOf({ context, nodes }: OpenedContext): string {
  const pieces = nodes.map(pieceOf);
  return `# ${lineOf(context.title || 'Untitled')}\n\n${pieces.join('\n\n')}\n`;
}

function pieceOf({ content, contentType, metadata }: ContextNode): string {
  if (contentType === 'tool_call') {
    const call = JSON.parse(content) as ToolCall;
    const { title, sentence } = wordsOf(call);
    const what = `_${lineOf(title)}_ (\`${call.tool}\`)${sentence === undefined ? '' : `: ${lineOf(sentence)}`}`;
    return `> ${what}`;
  }
  if (contentType === 'question') {
    const question = JSON.parse(content) as Question;
    const answer = question.answer ? `: ${lineOf(JSON.stringify(question.answer))}` : '';
    return `> **Asked:** ${lineOf(question.message)} (${question.state}${answer})`;
  }
  if (contentType === 'plan') {
    const { steps } = JSON.parse(content) as RunPlan;
    return steps.map(({ text, state }) => `- [${state === 'done' ? 'x' : ' '}] ${lineOf(text)}`).join('\n');
  }
  if (contentType === 'summary') {
    const { text } = JSON.parse(content) as { text?: string };
    return `---\n\n_What came before, in short:_ ${text ?? content}`;
  }
  if (contentType !== 'text') return `\`\`\`\n${content}\n\`\`\``;
  return `**${metadata.role === 'user' ? 'You' : 'Agent'}:**\n\n${content}`;
}

function lineOf(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** @returns a name that every file system takes. */
export function fileNameOf(title: string): string {
  const words = title
    .normalize('NFKD')
    .replaceAll(/[^\w -]+/g, '')
    .trim()
    .replaceAll(/\s+/g, '-')
    .slice(0, 60);
  return words === '' ? 'conversation' : words;
}
