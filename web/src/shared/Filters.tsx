import { NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { ranges, type Period, type Range } from './format';
import css from './list.module.css';
import { SearchField } from './SearchField';
import { useDesk } from './useDesk';

export interface FilterValues extends Period {
  kind?: string;
  queue?: string;
  q?: string;
}

interface FiltersProps {
  values: FilterValues;
  /** Which kinds may be chosen; none: no such filter. */
  kinds?: readonly string[];
  onChange: (values: FilterValues) => void;
}

/** The filters above a list. Their values live in the address. */
export function Filters({ values, kinds, onChange }: FiltersProps) {
  const { t } = useTranslation(['calls', 'common']);
  const queues = useDesk((desk) => desk.queues) ?? [];
  return (
    <>
      <SearchField label={t('filter_text')} value={values.q ?? ''} onChange={(q) => onChange({ q: q || undefined })} />
      {kinds && (
        <NativeSelect
          className={css.field}
          aria-label={t('filter_kind')}
          value={values.kind ?? ''}
          onChange={(event) => onChange({ kind: event.currentTarget.value || undefined })}
          data={[{ value: '', label: t('all_kinds') }, ...kinds.map((kind) => ({ value: kind, label: t(`kinds.${kind as 'inbound'}`) }))]}
        />
      )}
      <NativeSelect
        className={css.field}
        aria-label={t('filter_queue')}
        value={values.queue ?? ''}
        onChange={(event) => onChange({ queue: event.currentTarget.value || undefined })}
        data={[{ value: '', label: t('all_queues') }, ...queues.map((queue) => ({ value: queue.name, label: queue.label }))]}
      />
      <NativeSelect
        className={css.field}
        aria-label={t('filter_range')}
        value={values.range ?? 'week'}
        onChange={(event) => onChange({ range: event.currentTarget.value as Range, from: undefined, to: undefined })}
        data={ranges.map((range) => ({ value: range, label: t(`common:ranges.${range}`) }))}
      />
      {values.range === 'dates' && (
        <span className={css.dates}>
          <TextInput type="date" className={css.date} aria-label={t('filter_from')} max={values.to} value={values.from ?? ''} onChange={(event) => onChange({ from: event.currentTarget.value || undefined })} />
          –
          <TextInput type="date" className={css.date} aria-label={t('filter_to')} min={values.from} value={values.to ?? ''} onChange={(event) => onChange({ to: event.currentTarget.value || undefined })} />
        </span>
      )}
    </>
  );
}
