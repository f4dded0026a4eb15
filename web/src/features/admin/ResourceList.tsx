import { Button, TextInput } from '@mantine/core';
import { IconPlus, IconSearch, IconSettings } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { ExportButton } from '../../shared/ExportButton';
import { Failed } from '../../shared/Failed';
import css from '../../shared/list.module.css';
import { matches } from '../../shared/matches';
import { DataGrid, type Column } from '../../ui/DataGrid';
import { Empty } from '../../ui/Empty';
import { ApiKeys } from './ApiKeys';
import { Mail } from './Mail';
import { resourceOf } from './registry';
import type { Resource } from './resource';
import { SigningIn } from './SigningIn';
import { Sounds } from './Sounds';

const route = getRouteApi('/settings/$kind');

/** Everything of one kind that is set up. */
export function ResourceList() {
  const { kind } = route.useParams();
  const resource = resourceOf(kind);
  if (kind === 'api-keys') return <ApiKeys />;
  if (kind === 'mail') return <Mail />;
  if (kind === 'accounts') return <SigningIn />;
  if (kind === 'sounds') return <Sounds />;
  return resource ? <Listed key={kind} resource={resource} /> : <Unknown />;
}

export function Unknown() {
  const { t } = useTranslation('admin');
  return <Empty icon={<IconSettings size={26} stroke={1.6} />} title={t('unknown')} hint={t('unknown_hint')} />;
}

function Listed({ resource }: { resource: Resource }) {
  const { t, i18n } = useTranslation('admin');
  const { kind } = resource;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useQuery({ queryKey: ['setup', kind], queryFn: resource.list, refetchInterval: resource.refreshes && 5000 });
  const columns = useMemo<Column<unknown>[]>(() => {
    const first: Column<unknown> = {
      id: 'title',
      title: t(`kinds.${kind as 'users'}.one`),
      width: 'minmax(160px, 1.2fr)',
      value: resource.title,
      cell: (row) => (
        <Link to="/settings/$kind/$id" params={{ kind, id: resource.id(row) }} className={css.link}>
          <b>{resource.title(row)}</b>
        </Link>
      ),
    };
    return [first, ...resource.columns(t, i18n.language, list.data ?? [])];
  }, [t, i18n.language, kind, resource, list.data]);
  const rows = useMemo(() => (list.data ?? []).filter((row) => matches(search.q, columns.map((column) => column.value(row)))), [list.data, search.q, columns]);
  const title = t(`kinds.${kind as 'users'}.title`);

  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1>{title}</h1>
        <TextInput className={css.field} size="sm" placeholder={t('find')} aria-label={t('find')} leftSection={<IconSearch size={15} stroke={1.8} />} value={search.q ?? ''} onChange={(event) => void navigate({ search: (old) => ({ ...old, q: event.currentTarget.value || undefined }), replace: true })} />
        <ExportButton name={kind} columns={columns} page={() => resource.list().then((items) => ({ items }))} fits={(row) => matches(search.q, columns.map((column) => column.value(row)))} />
        <Button leftSection={<IconPlus size={16} stroke={1.9} />} renderRoot={(props) => <Link to="/settings/$kind/$id" params={{ kind, id: 'new' }} {...props} />}>
          {t(`kinds.${kind as 'users'}.add`)}
        </Button>
      </div>
      {list.isError ? (
        <Failed error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <DataGrid
          label={title}
          columns={columns}
          rows={rows}
          rowKey={resource.id}
          sort={{ by: search.sort ?? 'title', desc: search.desc ?? false }}
          onSort={(sort) => void navigate({ search: (old) => ({ ...old, sort: sort.by, desc: sort.desc }), replace: true })}
          loading={list.isPending}
          empty={<Empty icon={<IconSettings size={26} stroke={1.6} />} title={t(search.q ? 'none_found' : 'none')} hint={t(search.q ? 'none_found_hint' : `kinds.${kind as 'users'}.hint`)} />}
        />
      )}
    </div>
  );
}
