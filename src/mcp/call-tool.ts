import type { CallToolResult } from '@modelcontextprotocol/server';
import { DirectoryError, type Actor, type ApprovalOptions, type Escalation, type MemberType } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { UserNeeded, type Conversation } from './conversation.ts';
import { toPending } from './escalation.ts';
import { moduleRefusal } from './rpc-error.ts';
import { invalidArguments, refusalOf, refused, succeeded, type RefusalContent } from './result.ts';
import type { Call, Tool, ToolServices } from './tools/tool.ts';

/** A call as it comes in. @param approvalOf says how it waits for people. */
export interface IncomingCall extends Pick<Call, 'signal' | 'onProgress' | 'access'> {
  conversation: Pick<Conversation, 'problem'> & Call['person'];
  approvalOf: (call: Call) => ApprovalOptions & { settle: NonNullable<ApprovalOptions['settle']> };
}

/**
 * Calls a tool for an actor. Whatever happens becomes a result in the one form.
 * @throws UserNeeded where the client must ask its user and call again.
 */
export async function callTool(
  services: ToolServices & { log: Log },
  tool: Tool,
  actor: Actor,
  args: unknown,
  { approvalOf, conversation, ...incoming }: IncomingCall,
): Promise<CallToolResult> {
  const { log, directory } = services;
  const metadata = { operation: tool.name.replace(/^(scim|user-auth)_/, ''), tenant_id: actor.tenant };
  const refuse = (content: RefusalContent): CallToolResult => {
    log.info({ tool: tool.name, refusal: content.error_code }, 'a tool call was refused');
    return refused(tool.toolset === 'user-auth' ? moduleRefusal(content, metadata.operation) : content, metadata);
  };
  const parsed = tool.input.safeParse(args ?? {});
  if (!parsed.success) return refuse(invalidArguments(parsed.error));
  const { tenant_id, reason, ...rest } = parsed.data as Record<string, unknown> & { tenant_id?: string; reason?: string };
  if (tool.worksInTenant && tenant_id !== undefined && tenant_id !== actor.tenant)
    return refuse({
      error: `Nothing was done. This access is for the tenant '${actor.tenant}' only; leave tenant_id out, or connect with access to the other tenant.`,
      error_code: 'TENANT_MISMATCH',
    });
  if (conversation.problem) return refuse(conversation.problem);
  const call: Call = { ...incoming, reason, person: conversation };
  let approved: Escalation | undefined;
  const { settle, ...approval } = approvalOf(call);
  call.approval = { ...approval, settle: async (escalation) => (approved = await settle(escalation)) };
  directory.escalations.seen(actor);
  try {
    const { content, metadata: more, text } = await tool.run(services, actor, tool.worksInTenant ? rest : parsed.data, call);
    const by = approved && {
      escalation_id: approved.id,
      approved_by: approved.decidedBy?.name,
      ...(approved.outcome?.edited && { edited: true }),
    };
    // Tenants have no history that would tell who did it.
    if (tool.scope === 'scim:admin')
      log.info({ tool: tool.name, actor: actor.id, target: tenant_id ?? actor.tenant }, 'a tenant was administered');
    return succeeded({ content, metadata: { ...more, ...by, tenant_id: actor.tenant }, ...(text !== undefined && { text }) });
  } catch (error) {
    if (error instanceof UserNeeded) throw error;
    if (error instanceof DirectoryError && error.code === 'APPROVAL_NEEDED' && error.escalationId !== undefined)
      return succeeded({ content: toPending(error.escalationId, error.rule), metadata });
    // What is not found is a user or a group, also where an argument says which.
    const type = tool.type ?? (rest['resource_type'] as MemberType | undefined);
    const refusal = refusalOf(error, { ...tool, type });
    if (refusal) return refuse(refusal);
    const { signal } = incoming;
    if (signal.aborted && error === signal.reason)
      return refuse({ error: 'Cancelled before anything was done.', error_code: 'CANCELLED' });
    log.error({ err: error, tool: tool.name }, 'a tool failed');
    return refuse({
      error: 'Something went wrong in Tandem; its log says what. Nothing was acknowledged. Try again.',
      error_code: 'INTERNAL_ERROR',
    });
  }
}
