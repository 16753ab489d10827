import { randomUUID } from 'node:crypto';
import type { AssistantLimits } from '../limits.ts';
import { AssistantError } from '../service.ts';
import type { NodeInput } from './operations.ts';

/** Types of nodes that only the service makes. */
const ownTypes = ['tool_call', 'question', 'summary', 'plan'];

/**
 * Makes a node of what a caller has sent.
 * @param place what the names of its fields begin with in an error.
 * @param text what the caller calls the content.
 * @throws AssistantError TOO_LARGE, INVALID, which names the field.
 */
export function nodeInput(
  node: { content: string; contentType?: string; metadata?: Record<string, unknown> },
  { nodeSizeMax, metadataSizeMax }: AssistantLimits,
  place: string,
  text = 'content',
): NodeInput {
  const { content, contentType = 'text', metadata = {} } = node;
  if (content.length > nodeSizeMax)
    throw new AssistantError('TOO_LARGE', `Has ${content.length} characters; ${nodeSizeMax} are allowed.`, place + text);
  checkSize(metadata, metadataSizeMax, `${place}metadata`);
  if (ownTypes.includes(contentType))
    throw new AssistantError('INVALID', `Only Tandem makes nodes of the type ${contentType}.`, `${place}content_type`);
  if ('task' in metadata)
    throw new AssistantError('INVALID', 'This name is for what tasks make. Choose another.', `${place}metadata.task`);
  return { id: randomUUID(), content, content_type: contentType, metadata };
}

/** @throws AssistantError TOO_LARGE. @param max characters as JSON. */
export function checkSize(value: object, max: number, field: string): void {
  const { length } = JSON.stringify(value);
  if (length > max) throw new AssistantError('TOO_LARGE', `Has ${length} characters as JSON; ${max} are allowed.`, field);
}

/** One line that a list can show. */
export function titleFrom(text: string, max: number): string {
  const line = text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return line.length > max ? `${line.slice(0, max - 1).trimEnd()}…` : line;
}
