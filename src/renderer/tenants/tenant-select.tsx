import { Group, Select } from '@mantine/core';
import { IconSettings } from '@tabler/icons-react';
import type { Tenant } from '../../directory/pure.ts';

interface Props {
  tenants: readonly Tenant[];
  tenant: string;
  onSwitch: (id: string) => void;
  onManage: () => void;
}

/** No tenant has this id. */
const manage = '/manage';

/** Which tenant the window shows; its last entry leads to what is done to tenants themselves. */
export function TenantSelect({ tenants, tenant, onSwitch, onManage }: Props) {
  return (
    <Select
      aria-label="Tenant"
      w={200}
      miw={0}
      data={[
        ...tenants.map(({ id, name, state }) => ({ value: id, label: state === 'suspended' ? `${name} (suspended)` : name })),
        { value: manage, label: 'Manage tenants …' },
      ]}
      value={tenant}
      onChange={(id) => {
        if (id === manage) onManage();
        else if (id !== null) onSwitch(id);
      }}
      allowDeselect={false}
      maxDropdownHeight={400}
      renderOption={({ option: { value, label } }) =>
        value === manage ? (
          <Group gap={8} wrap="nowrap">
            <IconSettings size={16} aria-hidden />
            {label}
          </Group>
        ) : (
          <span className="wraps">{label}</span>
        )
      }
    />
  );
}
