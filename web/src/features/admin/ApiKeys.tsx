import { Button, Checkbox, Code, CopyButton, Modal, NativeSelect, TextInput } from '@mantine/core';
import { IconCheck, IconCopy, IconKey, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body, type Schemas } from '../../api/client';
import { Failed } from '../../shared/Failed';
import { fully } from '../../shared/format';
import css from '../../shared/list.module.css';
import { complain, words } from '../../shared/problem';
import { Confirm } from '../../ui/Confirm';
import { DataGrid, type Column } from '../../ui/DataGrid';
import { Empty } from '../../ui/Empty';
import { Pill } from '../../ui/Pill';
import own from './admin.module.css';
import { snippet } from './snippet';
import { users } from './users';

type Key = Schemas['ApiKeyRow'];
const SCOPES = ['make_calls', 'control_calls', 'read', 'state'] as const;
const KEYS = ['setup', 'api-keys'];

/** Keys of other software: who may what in whose name. A key's text is shown once, with what to do with it. */
export function ApiKeys() {
  const { t, i18n } = useTranslation('admin');
  const queries = useQueryClient();
  const keys = useQuery({ queryKey: KEYS, queryFn: () => api.GET('/api/v1/api-keys').then(body) });
  const [making, make] = useState(false);
  const [leaving, leave] = useState<Key>();
  const [sort, sortBy] = useState({ by: 'name', desc: false });
  const revoke = useMutation({
    mutationFn: (id: string) => api.DELETE('/api/v1/api-keys/{id}', { params: { path: { id } } }).then(body),
    onSuccess: () => leave(undefined),
    onError: complain,
    onSettled: () => void queries.invalidateQueries({ queryKey: KEYS }),
  });
  const people = useQuery({ queryKey: ['setup', 'users'], queryFn: users.list });
  const when = (at: string | null | undefined) => (at ? fully(at, i18n.language) : '–');
  const columns: Column<Key>[] = [
    { id: 'name', title: t('keys.name'), width: 'minmax(140px, 1.2fr)', value: (key) => key.name },
    { id: 'hint', title: t('keys.begins'), width: '130px', value: (key) => key.hint },
    { id: 'user', title: t('keys.user'), width: 'minmax(110px, 1fr)', value: (key) => people.data?.find((user) => user.login === key.user)?.name ?? key.user },
    { id: 'scopes', title: t('keys.scopes'), width: 'minmax(180px, 1.4fr)', value: (key) => key.scopes.map((scope) => t(`scopes.${scope as 'read'}`)).join(', ') },
    { id: 'last_used_at', title: t('keys.last_used'), width: '170px', value: (key) => key.last_used_at, cell: (key) => when(key.last_used_at) },
    {
      id: 'state',
      title: t('keys.state'),
      width: '150px',
      value: (key) => key.revoked_at,
      cell: (key) =>
        key.revoked_at ? (
          <Pill>{t('keys.revoked')}</Pill>
        ) : (
          <Button size="compact-sm" variant="default" aria-label={t('keys.revoke_which', { name: key.name })} onClick={() => leave(key)}>
            {t('keys.revoke')}
          </Button>
        ),
    },
  ];
  const title = t('keys.title');
  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1>{title}</h1>
        <span className="push" />
        <Button leftSection={<IconPlus size={16} stroke={1.9} />} onClick={() => make(true)}>
          {t('keys.add')}
        </Button>
      </div>
      {keys.isError ? (
        <Failed error={keys.error} onRetry={() => void keys.refetch()} />
      ) : (
        <DataGrid label={title} columns={columns} rows={keys.data ?? []} rowKey={(key) => key.id} sort={sort} onSort={sortBy} loading={keys.isPending} empty={<Empty icon={<IconKey size={26} stroke={1.6} />} title={t('keys.none')} hint={t('keys.hint')} />} />
      )}
      <Modal opened={making} onClose={() => make(false)} title={t('keys.add')} centered size={560} closeButtonProps={{ 'aria-label': t('keys.close') }}>
        {making && <NewKey onDone={() => make(false)} />}
      </Modal>
      <Confirm opened={leaving !== undefined} title={t('keys.revoke_title', { name: leaving?.name })} text={t('keys.revoke_text')} act={t('keys.revoke')} bad pending={revoke.isPending} onAct={() => leaving && revoke.mutate(leaving.id)} onClose={() => leave(undefined)} />
    </div>
  );
}

function NewKey({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const known = useQuery({ queryKey: ['setup', 'users'], queryFn: users.list });
  const [name, call] = useState('');
  const [user, choose] = useState('');
  const [scopes, allow] = useState<string[]>(['make_calls']);
  const login = user || known.data?.find((one) => one.agent)?.login || '';
  const make = useMutation({
    mutationFn: () => api.POST('/api/v1/api-keys', { body: { name, user: login, scopes } }).then(body),
    onSettled: () => void queries.invalidateQueries({ queryKey: KEYS }),
  });
  if (make.isSuccess) return <Secret secret={make.data.secret} onDone={onDone} />;
  return (
    <form
      className={own.stack}
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      {make.isError && (
        <p className={own.error} role="alert">
          {words(make.error)}
        </p>
      )}
      <TextInput data-autofocus label={t('keys.name')} description={t('keys.name_hint')} withAsterisk required maxLength={100} value={name} onChange={(event) => call(event.currentTarget.value)} />
      <NativeSelect label={t('keys.user')} description={t('keys.user_hint')} value={login} onChange={(event) => choose(event.currentTarget.value)} data={(known.data ?? []).map((one) => ({ value: one.login, label: one.name }))} />
      <Checkbox.Group label={t('keys.scopes')} value={scopes} onChange={allow}>
        {SCOPES.map((scope) => <Checkbox key={scope} value={scope} label={t(`scopes.${scope}`)} mt={6} />)}
      </Checkbox.Group>
      <Button type="submit" loading={make.isPending} disabled={!name.trim() || !login || scopes.length === 0}>
        {t('keys.make')}
      </Button>
    </form>
  );
}

/** The key's text, this once, and a call made with it. */
function Secret({ secret, onDone }: { secret: string; onDone: () => void }) {
  const { t } = useTranslation('admin');
  const example = snippet(location.origin, secret);
  return (
    <div className={own.stack}>
      <p role="status">{t('keys.once')}</p>
      <Code block tabIndex={0} aria-label={t('keys.secret')}>
        {secret}
      </Code>
      <p>{t('keys.snippet')}</p>
      <Code block tabIndex={0} aria-label={t('keys.snippet')}>
        {example}
      </Code>
      <CopyButton value={secret}>
        {({ copied, copy }) => (
          <Button variant="default" leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />} onClick={copy}>
            {t(copied ? 'keys.copied' : 'keys.copy')}
          </Button>
        )}
      </CopyButton>
      <Button onClick={onDone}>{t('keys.done')}</Button>
    </div>
  );
}
