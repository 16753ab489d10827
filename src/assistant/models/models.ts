import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { AgentSettingsData, ModelEndpoint } from '../agent-settings-data.ts';
import { modelSecret, type SecretStore } from '../agent-settings.ts';
import type { Usage } from '../context.ts';
import { createOfflineModel } from '../offline/index.ts';
import { RunError, type Model } from '../run.ts';
import { defaultBounds, EndpointGuard, type ModelBounds } from './guard.ts';
import { endpointModel } from './endpoint-model.ts';

// Warnings of providers, for example of a model that they do not know, would go to the console.
globalThis.AI_SDK_LOG_WARNINGS = false;

export const offlineModel: Model = {
  id: 'offline-rules',
  label: 'Offline rules (no AI)',
  provider: 'offline',
  available: true,
  contextTokens: 64_000,
};

/** A model that is ready to answer. */
export interface OpenModel {
  info: Model;
  model: LanguageModelV4;
  /** Rules, which take nothing that they read for an instruction, and ask for themselves. */
  isRules: boolean;
  usage: (tokens: { inputTokens?: number | undefined; outputTokens?: number | undefined }) => Usage;
}

export interface Models {
  list(): Model[];
  /** @throws RunError MODEL_NOT_FOUND, MODEL_REFUSED. */
  open(id: string): Promise<OpenModel>;
}

/** The models that contexts may name: the offline one, and those of the endpoints in the settings, as `endpoint/model`. */
export function createModels(options: {
  settings: { data: Pick<AgentSettingsData, 'models'> };
  secrets: SecretStore;
  bounds?: Partial<ModelBounds>;
}): Models {
  const bounds = { ...defaultBounds, ...options.bounds };
  const guards = new Map<string, { guard: EndpointGuard; of: string }>();

  const guardOf = (endpoint: ModelEndpoint): EndpointGuard => {
    const of = JSON.stringify([endpoint.baseUrl, endpoint.requestsPerMinute, endpoint.name]);
    const kept = guards.get(endpoint.id);
    if (kept?.of === of) return kept.guard;
    const guard = new EndpointGuard(endpoint.name, endpoint.requestsPerMinute, bounds);
    guards.set(endpoint.id, { guard, of });
    return guard;
  };

  const infoOf = (endpoint: ModelEndpoint, { name, contextTokens }: ModelEndpoint['models'][number]): Model => {
    const { rests } = guardOf(endpoint);
    return {
      id: `${endpoint.id}/${name}`,
      label: `${name} (${endpoint.name})`,
      provider: endpoint.provider,
      available: !rests,
      ...(rests && { detail: 'It has failed too often just now, and is tried again in a while.' }),
      contextTokens,
    };
  };

  return {
    list: () => [
      offlineModel,
      ...options.settings.data.models.flatMap((endpoint) => endpoint.models.map((model) => infoOf(endpoint, model))),
    ],
    async open(id) {
      if (id === offlineModel.id)
        return {
          info: offlineModel,
          model: createOfflineModel(),
          isRules: true,
          usage: () => ({ inputTokens: 0, outputTokens: 0 }),
        };
      const endpoint = options.settings.data.models.find((one) => id.startsWith(`${one.id}/`));
      const model = endpoint?.models.find(({ name }) => id === `${endpoint.id}/${name}`);
      if (!endpoint || !model)
        throw new RunError('MODEL_NOT_FOUND', `The model ${id} is not set up any more. Choose another for this conversation.`);
      const key = await options.secrets.get(modelSecret(endpoint.id));
      const { inputPrice, outputPrice } = model;
      return {
        info: infoOf(endpoint, model),
        model: guardOf(endpoint).protect(endpointModel(endpoint, model.name, key), key),
        isRules: false,
        usage: ({ inputTokens = 0, outputTokens = 0 }) => ({
          inputTokens,
          outputTokens,
          ...((inputPrice !== undefined || outputPrice !== undefined) && {
            cost: (inputTokens * (inputPrice ?? 0) + outputTokens * (outputPrice ?? 0)) / 1_000_000,
          }),
        }),
      };
    },
  };
}
