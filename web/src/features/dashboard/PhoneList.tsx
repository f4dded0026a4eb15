import { Radio, Stack } from '@mantine/core';

import type { Schemas } from '../../api/client';

interface PhoneListProps {
  label: string;
  phones: Schemas['PhoneRow'][];
  chosen: string | undefined;
  onChoose: (name: string) => void;
}

/** One of several telephones. */
export function PhoneList({ label, phones, chosen, onChoose }: PhoneListProps) {
  return (
    <Radio.Group value={chosen ?? ''} onChange={onChoose} aria-label={label}>
      <Stack gap={8}>
        {phones.map((phone) => (
          <Radio key={phone.name} value={phone.name} label={phone.name === phone.label ? phone.name : `${phone.name} · ${phone.label}`} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
