import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useBlocker, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body } from '../../api/client';
import { usePaths } from '../../shared/dispositions';
import { words } from '../../shared/problem';
import { useDesk } from '../../shared/useDesk';
import { Confirm } from '../../ui/Confirm';
import css from './admin.module.css';
import { FieldInput } from './FieldInput';
import { useForm } from './form';
import type { Resource, Stored } from './resource';

interface EditorProps {
  resource: Resource;
  stored?: Stored;
  /** Somebody else saved it since. */
  changed?: boolean;
  onDirty?: (dirty: boolean) => void;
}

/** The form of one thing. What is not saved is asked about before it is left. */
export function Editor({ resource, stored, changed, onDirty }: EditorProps) {
  const { t } = useTranslation('admin');
  const { kind } = resource;
  const client = useQueryClient();
  const navigate = useNavigate();
  const [removing, setRemoving] = useState(false);
  const form = useForm(resource.fields, stored?.values ?? resource.fresh, !stored, t);
  const trunks = useQuery({ queryKey: ['setup', 'trunks'], queryFn: () => api.GET('/api/v1/trunks').then(body).then((page) => page.items), enabled: resource.fields.some((field) => field.name === 'trunk') });
  const queues = useDesk((desk) => desk.queues);
  // Of three levels two may have others below them.
  const parents = usePaths().filter(({ value, label }) => value !== stored?.raw.id && label.split(' / ').length < 3);
  const sources = { trunks: trunks.data?.map((trunk) => trunk.name) ?? [], queues: queues?.map((queue) => ({ value: queue.name, label: queue.label })) ?? [], parents };
  const name = stored ? resource.name(stored.values) : t(`kinds.${kind as 'users'}.new`);

  const { dirty } = form;
  useEffect(() => onDirty?.(dirty), [dirty, onDirty]);

  const stale = () => client.invalidateQueries({ queryKey: ['setup', kind] });
  const save = useMutation({
    mutationFn: async () => (stored ? void (await resource.update(stored.raw, form.values)) : (await resource.create(form.values)).id),
    onSuccess: async (id) => {
      onDirty?.(false);
      await stale();
      if (id) await navigate({ to: '/settings/$kind/$id', params: { kind, id }, ignoreBlocker: true });
      // Said when the page is where it stays: whoever goes on at this word is not brought back.
      notifications.show({ message: t('saved', { name: resource.name(form.values) }), withBorder: true });
    },
    onError: (error) => form.refused(error),
  });
  const remove = useMutation({
    mutationFn: (id: string) => resource.remove(id),
    onSuccess: async () => {
      await navigate({ to: '/settings/$kind', params: { kind }, ignoreBlocker: true });
      await stale();
    },
    onError: () => setRemoving(false),
  });
  const leaving = useBlocker({ shouldBlockFn: () => form.dirty, enableBeforeUnload: () => form.dirty, withResolver: true });
  const error = save.error ?? remove.error;
  const Preview = resource.preview;

  return (
    <div className={css.editor}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          remove.reset();
          if (form.check()) save.mutate();
        }}
      >
        <header className={css.bar}>
          <h1>
            <Link to="/settings/$kind" params={{ kind }}>
              {t(`kinds.${kind as 'users'}.title`)}
            </Link>
            <span aria-hidden>/</span>
            {name}
          </h1>
          {form.dirty && <span className="meta" role="status">{t('unsaved')}</span>}
          {stored && (
            <Button variant="subtle" color="var(--bad-ink)" leftSection={<IconTrash size={16} stroke={1.7} />} onClick={() => setRemoving(true)}>
              {t('remove')}
            </Button>
          )}
          <Button variant="default" disabled={!form.dirty} onClick={form.discard}>
            {t('discard')}
          </Button>
          <Button type="submit" disabled={!form.dirty} loading={save.isPending}>
            {t('save')}
          </Button>
        </header>
        {changed && (
          <p className={css.note} role="status">
            {t('changed_elsewhere')}
          </p>
        )}
        {error && Object.keys(form.errors).length === 0 && (
          <p className={css.error} role="alert">
            {words(error)}
          </p>
        )}
        <div className={css.fields}>
          {form.shown.map((field) => (
            <FieldInput key={field.name} field={field} values={form.values} error={form.errors[field.name]} fresh={!stored} sources={sources} onChange={(value) => form.change(field.name, value)} />
          ))}
        </div>
      </form>
      {Preview && <Preview values={form.values} />}
      {stored && <Confirm opened={removing} bad title={t('remove_title', { name })} text={t(`kinds.${kind as 'users'}.remove`)} act={t('remove')} pending={remove.isPending} onAct={() => remove.mutate(stored.raw.id)} onClose={() => setRemoving(false)} />}
      <Confirm opened={leaving.status === 'blocked'} bad title={t('leave_title')} text={t('leave_text')} act={t('leave')} onAct={() => leaving.proceed?.()} onClose={() => leaving.reset?.()} />
    </div>
  );
}
