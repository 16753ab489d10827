import { ActionIcon, Select } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { optionsOf, type Field } from '../fields.ts';
import { ValueInput } from '../value-input.tsx';
import { comparatorsOf, conditionFor, needsValue, type Condition } from './conditions.ts';

interface Props {
  tenant: string;
  fields: readonly Field[];
  condition: Condition;
  /** Its place, from 1, by which the labels of its controls are told apart. */
  place: number;
  onChange: (condition: Condition) => void;
  onRemove: () => void;
}

const anyType = ' ';

/** One condition of the builder: what, how, and with which value. */
export function ConditionRow({ tenant, fields, condition, place, onChange, onRemove }: Props) {
  const field = fields.find(({ path }) => path === condition.path);
  if (!field) return undefined;
  const types = field.list?.types ?? [];
  const withValue = needsValue(condition.comparator);
  const typeSelect = types.length > 0 && (
    <Select
      aria-label={`Kind, condition ${place}`}
      data={[{ value: anyType, label: 'any kind' }, ...types.map((type) => ({ value: type, label: type }))]}
      value={condition.type ?? anyType}
      onChange={(chosen) => {
        const { type: _before, ...rest } = condition;
        onChange(chosen === null || chosen === anyType ? rest : { ...rest, type: chosen });
      }}
      allowDeselect={false}
    />
  );
  return (
    <div className="people-condition" role="group" aria-label={`Condition ${place}`}>
      <Select
        aria-label={`Field, condition ${place}`}
        data={optionsOf(fields)}
        value={field.path}
        searchable
        allowDeselect={false}
        nothingFoundMessage="No field has this name"
        onChange={(path) => {
          const chosen = fields.find((each) => each.path === path);
          if (chosen) onChange(conditionFor(chosen));
        }}
      />
      <Select
        aria-label={`Comparison, condition ${place}`}
        data={comparatorsOf(field)}
        value={condition.comparator}
        allowDeselect={false}
        onChange={(comparator) => comparator !== null && onChange({ ...condition, comparator })}
      />
      {withValue && typeSelect ? (
        <div className="people-values">
          <ValueInput
            tenant={tenant}
            field={field}
            ariaLabel={`Value, condition ${place}`}
            value={condition.value}
            onChange={(value) => onChange({ ...condition, value })}
          />
          {typeSelect}
        </div>
      ) : withValue ? (
        <ValueInput
          tenant={tenant}
          field={field}
          ariaLabel={`Value, condition ${place}`}
          value={condition.value}
          onChange={(value) => onChange({ ...condition, value })}
        />
      ) : (
        <div>{typeSelect}</div>
      )}
      <ActionIcon variant="subtle" color="gray" size={36} aria-label={`Remove condition ${place}`} onClick={onRemove}>
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
    </div>
  );
}
