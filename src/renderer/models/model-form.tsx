import { ActionIcon, Button, Checkbox, Group, NumberInput, PasswordInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { ModelEndpoint } from '../../api/index.ts';
import { client, faultOf, messageOf, trpc } from '../connection.ts';
import { kindOf, kinds, type Kind } from './model-kinds.ts';
import { keptWhere } from './kept-where.ts';
import { TestResult } from './test-result.tsx';

interface Props {
  /** The one that is changed; absent for a new one. */
  kept?: ModelEndpoint & { hasKey: boolean };
  onDone: () => void;
  onCancel: () => void;
}

interface Row {
  /** Stays with a row while others come and go. */
  key: number;
  name: string;
  contextTokens: number | undefined;
  inputPrice: number | undefined;
  outputPrice: number | undefined;
}

const usualTokens = 128_000;
const emptyRow = (key: number): Row => ({
  key,
  name: '',
  contextTokens: usualTokens,
  inputPrice: undefined,
  outputPrice: undefined,
});

/** Where models are reached, and which. The key goes in and is never shown again. */
export function ModelForm({ kept, onDone, onCancel }: Props) {
  const about = useQuery(trpc.app.about.queryOptions());
  const [kind, setKind] = useState<Kind>(kept ? kindOf(kept) : 'ollama');
  const facts = kinds[kind];
  const [name, setName] = useState(kept?.name ?? facts.name);
  const [baseUrl, setBaseUrl] = useState(kept?.baseUrl ?? facts.baseUrl);
  const [plainHttp, setPlainHttp] = useState(kept?.plainHttp ?? false);
  const [key, setKey] = useState('');
  const [rows, setRows] = useState<Row[]>(
    kept?.models.map((model, index) => ({
      key: index,
      name: model.name,
      contextTokens: model.contextTokens,
      inputPrice: model.inputPrice,
      outputPrice: model.outputPrice,
    })) ?? [emptyRow(0)],
  );
  const named = rows.filter((row) => row.name.trim() !== '');
  const input = {
    provider: facts.provider,
    name,
    baseUrl: baseUrl.trim(),
    ...(plainHttp && { plainHttp }),
    models: named.map(({ key: _key, name: modelName, contextTokens, inputPrice, outputPrice }) => ({
      name: modelName.trim(),
      ...(contextTokens !== undefined && { contextTokens }),
      ...(inputPrice !== undefined && { inputPrice }),
      ...(outputPrice !== undefined && { outputPrice }),
    })),
    ...(key !== '' && { key }),
  };
  const save = useMutation({
    mutationFn: () =>
      kept ? client.agentSettings.changeModel.mutate({ ...input, id: kept.id }) : client.agentSettings.addModel.mutate(input),
    onSuccess: onDone,
  });
  const test = useMutation({
    // A connection can be tried before one knows which models there are.
    mutationFn: () =>
      client.agentSettings.testModel.mutate({
        ...input,
        models: input.models.length > 0 ? input.models : [{ name: '-' }],
        ...(kept && { id: kept.id }),
      }),
  });
  const fault = faultOf(save.error) ?? faultOf(test.error);
  const failure = save.error ?? test.error;
  const said = failure ? messageOf(failure).replace(/^[\w.]+: /, '') : undefined;
  const errorAt = (field: string) => (fault?.field === field ? said : undefined);
  const isPlaced = ['name', 'baseUrl', 'key'].includes(fault?.field ?? '');
  const setRow = (row: Row, change: Partial<Row>) =>
    setRows(rows.map((other) => (other.key === row.key ? { ...row, ...change } : other)));
  const addRow = (modelName = '') => {
    const next = { ...emptyRow(Math.max(0, ...rows.map((row) => row.key)) + 1), name: modelName };
    setRows([...rows.filter((row) => modelName === '' || row.name.trim() !== ''), next]);
  };
  const found = (test.data?.found ?? []).filter((one) => !named.some((row) => row.name === one));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form noValidate aria-label={kept ? `Change ${kept.name}` : 'New model'} onSubmit={submit}>
      <Stack gap="sm">
        <div className="settings-fields">
          <Select
            label="Kind"
            allowDeselect={false}
            data={Object.entries(kinds).map(([value, { label }]) => ({ value, label }))}
            value={kind}
            onChange={(chosen) => {
              const next = (chosen ?? kind) as Kind;
              // What was written by hand stays.
              if (name === facts.name) setName(kinds[next].name);
              if (baseUrl === facts.baseUrl) setBaseUrl(kinds[next].baseUrl);
              setKind(next);
            }}
          />
          <TextInput
            label="Name"
            description="As the choice of models shows it"
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={name}
            error={errorAt('name')}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
        </div>
        <TextInput
          label="Address"
          placeholder="https://…/v1"
          inputMode="url"
          value={baseUrl}
          error={errorAt('baseUrl')}
          onChange={({ currentTarget }) => setBaseUrl(currentTarget.value)}
        />
        {/^http:\/\/(?!127\.|localhost|\[::1\])/.test(baseUrl.trim()) && (
          <Checkbox
            label="Send to this address without encryption"
            description="Others on the way can read what is sent, and the key. Only for a network that you trust."
            checked={plainHttp}
            onChange={({ currentTarget }) => setPlainHttp(currentTarget.checked)}
          />
        )}
        <PasswordInput
          label="Key"
          description={`${facts.needsKey ? '' : 'Not needed as a rule. '}${keptWhere(about.data)}`}
          placeholder={kept?.hasKey ? 'The key that is kept stays' : ''}
          autoComplete="off"
          value={key}
          error={errorAt('key')}
          onChange={({ currentTarget }) => setKey(currentTarget.value)}
        />
        <fieldset>
          <legend>Models</legend>
          <Text size="xs" c="dimmed" mb={6}>
            {facts.hint} Prices are US dollars for a million tokens, if you want the cost to be counted.
          </Text>
          <Stack gap={6}>
            <div className="model-row model-row-head" aria-hidden>
              <span>Name</span>
              <span>Reads at once</span>
              <span>Price in</span>
              <span>Price out</span>
            </div>
            {rows.map((row, index) => {
              const number = index + 1;
              return (
                <div key={row.key} className="model-row">
                  <TextInput
                    aria-label={`Name of model ${number}`}

                    value={row.name}
                    onChange={({ currentTarget }) => setRow(row, { name: currentTarget.value })}
                  />
                  <NumberInput
                    aria-label={`Tokens that model ${number} reads at once`}
                    suffix=" tokens"
                    thousandSeparator=" "
                    hideControls
                    min={0}
                    value={row.contextTokens ?? ''}
                    onChange={(value) => setRow(row, { contextTokens: typeof value === 'number' ? value : undefined })}
                  />
                  <NumberInput
                    aria-label={`Price of a million tokens read by model ${number}`}
                    prefix="$"
                    hideControls
                    min={0}
                    value={row.inputPrice ?? ''}
                    onChange={(value) => setRow(row, { inputPrice: typeof value === 'number' ? value : undefined })}
                  />
                  <NumberInput
                    aria-label={`Price of a million tokens written by model ${number}`}
                    prefix="$"
                    hideControls
                    min={0}
                    value={row.outputPrice ?? ''}
                    onChange={(value) => setRow(row, { outputPrice: typeof value === 'number' ? value : undefined })}
                  />
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size={36}
                    aria-label={`Take model ${number} out`}
                    disabled={rows.length === 1}
                    onClick={() => setRows(rows.filter((other) => other.key !== row.key))}
                  >
                    <IconTrash size={16} aria-hidden />
                  </ActionIcon>
                </div>
              );
            })}
          </Stack>
          <Group gap={6} mt={8}>
            <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => addRow()}>
              Another model
            </Button>
            {found.slice(0, foundMax).map((one) => (
              <Button key={one} variant="default" size="compact-sm" aria-label={`Add ${one}`} onClick={() => addRow(one)}>
                + {one}
              </Button>
            ))}
          </Group>
        </fieldset>
        <TestResult test={{ ...test, error: fault ? undefined : test.error }} />
        {said !== undefined && !isPlaced && fault && (
          <Text size="sm" role="alert" c="var(--mantine-color-error)">
            {said}
          </Text>
        )}
        {save.error && !fault && (
          <Text size="sm" role="alert" c="var(--mantine-color-error)">
            {messageOf(save.error)}
          </Text>
        )}
        <Group gap="xs">
          <Button type="submit" loading={save.isPending}>
            {kept ? 'Save' : 'Add'}
          </Button>
          <Button variant="default" loading={test.isPending} onClick={() => test.mutate()}>
            Test connection
          </Button>
          <Button variant="subtle" color="gray" onClick={onCancel}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const foundMax = 12;
