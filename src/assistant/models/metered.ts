import type { LanguageModelV4StreamPart, LanguageModelV4Usage } from '@ai-sdk/provider';
import { wrapLanguageModel } from 'ai';
import { beginSpan, errorType, failSpan, inSpan, type AssistantMeter } from '../../observe/index.ts';
import type { OpenModel } from './models.ts';

/**
 * The same model, each of whose answers is told of: how long it took, its tokens, what went wrong; and traced, by OpenTelemetry's
 * conventions for clients of models, without anything that was said.
 * @param told gets all but who asked.
 */
export function metered(
  opened: OpenModel,
  told: (call: Omit<Parameters<AssistantMeter['modelCall']>[0], 'tenant' | 'client'>) => void,
): OpenModel {
  const { info, usage: usageOf } = opened;
  const begin = () => {
    const begun = performance.now();
    const span = beginSpan(`chat ${info.id}`, {
      kind: 'client',
      attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': info.provider, 'gen_ai.request.model': info.id },
    });
    let isOver = false;
    const end = (result: string, usage?: LanguageModelV4Usage) => {
      if (isOver) return;
      isOver = true;
      const used = usageOf({ inputTokens: usage?.inputTokens.total, outputTokens: usage?.outputTokens.total });
      told({ model: info.id, result, ms: performance.now() - begun, ...used });
      span?.setAttributes({ 'gen_ai.usage.input_tokens': used.inputTokens, 'gen_ai.usage.output_tokens': used.outputTokens });
      if (result !== 'ok') failSpan(span, result);
      span?.end();
    };
    /** Runs the call, whose answer may go on after it has begun. */
    const run = async <T>(work: () => PromiseLike<T>): Promise<T> => {
      try {
        return await inSpan(span, work);
      } catch (error) {
        end(errorType(error));
        throw error;
      }
    };
    return { run, end };
  };
  const model = wrapLanguageModel({
    model: opened.model,
    middleware: {
      specificationVersion: 'v4',
      async wrapGenerate({ doGenerate }) {
        const { run, end } = begin();
        const answer = await run(doGenerate);
        end('ok', answer.usage);
        return answer;
      },
      async wrapStream({ doStream }) {
        const { run, end } = begin();
        const answer = await run(doStream);
        return { ...answer, stream: watched(answer.stream, end) };
      },
    },
  });
  return { ...opened, model };
}

/** The same stream; its end is told of, whether it came, failed, or was not waited for. */
function watched(
  source: ReadableStream<LanguageModelV4StreamPart>,
  end: (result: string, usage?: LanguageModelV4Usage) => void,
): ReadableStream<LanguageModelV4StreamPart> {
  const reader = source.getReader();
  return new ReadableStream<LanguageModelV4StreamPart>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          end('CUT_OFF');
          return controller.close();
        }
        if (value.type === 'finish') end('ok', value.usage);
        else if (value.type === 'error') end(errorType(value.error));
        controller.enqueue(value);
      } catch (error) {
        end(errorType(error));
        controller.error(error);
      }
    },
    async cancel(reason) {
      end('CANCELLED');
      await reader.cancel(reason);
    },
  });
}
