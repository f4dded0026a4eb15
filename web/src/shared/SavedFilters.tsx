import { ActionIcon, Button, Menu, TextInput } from '@mantine/core';
import { IconBookmark, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import css from './list.module.css';
import { useSavedFilters, type SavedFilter } from './saved';

type Search = SavedFilter['search'];

interface SavedFiltersProps {
  list: string;
  /** The filters as they are. */
  search: object;
  onApply: (search: Search) => void;
}

/** Filters somebody saved under a name, and the place to save those of now. */
export function SavedFilters({ list, search, onApply }: SavedFiltersProps) {
  const { t } = useTranslation();
  const { filters, save, remove } = useSavedFilters(list);
  const [naming, setNaming] = useState(false);
  const [name, setName] = useState('');
  const now = Object.fromEntries(Object.entries(search).filter(([key, value]) => key !== 'play' && value !== undefined)) as Search;

  if (naming) {
    return (
      <form
        className={css.naming}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) save({ name: name.trim().slice(0, 40), search: now });
          setName('');
          setNaming(false);
        }}
      >
        <TextInput autoFocus w={150} aria-label={t('filter_name')} placeholder={t('filter_name')} value={name} onChange={(event) => setName(event.currentTarget.value)} onKeyDown={(event) => event.key === 'Escape' && setNaming(false)} />
        <Button type="submit">{t('save')}</Button>
      </form>
    );
  }
  return (
    <Menu position="bottom-end" shadow="md" width={230}>
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label={t('filters')} title={t('filters')}>
          <IconBookmark size={17} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {filters.map((filter) => (
          <Menu.Item key={filter.name} onClick={() => onApply(filter.search)}>
            {filter.name}
          </Menu.Item>
        ))}
        {filters.length > 0 && <Menu.Divider />}
        <Menu.Item leftSection={<IconBookmark size={15} stroke={1.7} />} onClick={() => setNaming(true)}>
          {t('filter_save')}
        </Menu.Item>
        {filters.map((filter) => (
          <Menu.Item key={filter.name} leftSection={<IconX size={15} stroke={1.7} />} onClick={() => remove(filter.name)}>
            {t('filter_remove', { name: filter.name })}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
