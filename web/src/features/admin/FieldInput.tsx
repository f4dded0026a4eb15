import { Checkbox, NativeSelect, PasswordInput, Switch, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import css from './admin.module.css';
import { joined, several, type Field, type Sources, type Values } from './resource';

interface FieldInputProps {
  field: Field;
  values: Values;
  error?: string;
  /** Of something new: a password is required then. */
  fresh: boolean;
  sources: Sources;
  onChange: (value: string | boolean) => void;
}

/** One setting: label, sentence, the place to give it, and what is wrong with it. */
export function FieldInput({ field, values, error, fresh, sources, onChange }: FieldInputProps) {
  const { t } = useTranslation('admin');
  const words = (field.words ?? field.name) as 'name';
  const value = values[field.name];
  const required = field.required || (field.kind === 'password' && fresh);
  const common = {
    id: `field-${field.name}`,
    label: t(`fields.${words}`),
    description: field.hint ? t(`hints.${words as 'login'}`) : undefined,
    error,
    withAsterisk: required,
    'aria-required': required || undefined,
    // Fields beside each other stand on one line, whether they have a sentence or not.
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as ('label' | 'input' | 'description' | 'error')[],
  };
  const typed = { ...common, value: String(value ?? ''), onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLSelectElement>) => onChange(event.currentTarget.value) };
  switch (field.kind) {
    case 'switch':
      return <Switch id={common.id} label={common.label} description={common.description} error={error} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case 'several':
      return (
        <Checkbox.Group id={common.id} label={common.label} description={common.description} error={error} value={several(value)} onChange={(chosen) => onChange(joined(chosen))}>
          <div className={css.several}>
            {field.choices?.(t, sources).map((choice) => <Checkbox key={choice.value} value={choice.value} label={choice.label} />)}
          </div>
        </Checkbox.Group>
      );
    case 'choice':
      return <NativeSelect {...typed} data={field.choices?.(t, sources) ?? []} />;
    case 'password':
      return <PasswordInput {...typed} autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': t('show_password') }} />;
    case 'number':
      return <TextInput {...typed} inputMode="decimal" autoComplete="off" />;
    case 'text':
      return <TextInput {...typed} autoComplete="off" autoCapitalize="none" spellCheck={false} />;
  }
}
