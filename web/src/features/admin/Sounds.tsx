import { Button, FileInput, Modal, NativeSelect, TextInput } from '@mantine/core';
import { IconMusic, IconReplace, IconTrash, IconUpload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body, type Schemas } from '../../api/client';
import { ExportButton } from '../../shared/ExportButton';
import { Failed } from '../../shared/Failed';
import { duration, seconds } from '../../shared/format';
import css from '../../shared/list.module.css';
import { complain, words } from '../../shared/problem';
import { Confirm } from '../../ui/Confirm';
import { DataGrid, type Column } from '../../ui/DataGrid';
import { Empty } from '../../ui/Empty';
import { Pill } from '../../ui/Pill';
import own from './admin.module.css';
import { Listen } from './Listen';
import { asWav } from './wav';

type Sound = Schemas['SoundRow'];
const SOUNDS = ['setup', 'sounds'];
const key = (sound: Sound) => `${sound.kind}/${sound.name}`;

/** Prompts and music: the dialplan's own and those that were uploaded, to be heard, put in place of another, taken away. */
export function Sounds() {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const list = useQuery({ queryKey: SOUNDS, queryFn: () => api.GET('/api/v1/sounds').then(body) });
  const [sort, sortBy] = useState({ by: 'name', desc: false });
  const [uploading, upload] = useState<{ kind: string; name: string }>();
  const [leaving, leave] = useState<Sound>();
  const remove = useMutation({
    mutationFn: ({ kind, name }: Sound) => api.DELETE('/api/v1/sounds/{kind}/{name}', { params: { path: { kind, name } } }).then(body),
    onError: complain,
    onSettled: () => {
      leave(undefined);
      void queries.invalidateQueries({ queryKey: SOUNDS });
    },
  });
  const columns = useMemo<Column<Sound>[]>(
    () => [
      { id: 'name', title: t('sounds.name'), width: 'minmax(140px, 1fr)', value: (sound) => sound.name },
      { id: 'kind', title: t('sounds.kind'), width: '100px', value: (sound) => t(`sounds.kinds.${sound.kind as 'music'}`) },
      { id: 'length', title: t('sounds.length'), width: '92px', align: 'end', value: (sound) => seconds(sound.length_ms), cell: (sound) => (sound.length_ms == null ? <Pill tone="bad">{t('sounds.broken')}</Pill> : duration(sound.length_ms)) },
      { id: 'from', title: t('sounds.from'), width: '160px', value: (sound) => t(sound.uploaded ? 'sounds.uploaded' : 'sounds.own'), cell: (sound) => <Pill tone={sound.uploaded ? 'busy' : 'plain'}>{t(sound.uploaded ? 'sounds.uploaded' : 'sounds.own')}</Pill> },
      { id: 'used_by', title: t('sounds.used_by'), width: 'minmax(120px, 1fr)', value: (sound) => sound.used_by.join(', '), cell: (sound) => <span title={sound.used_by.join(', ')}>{sound.used_by.join(', ') || '–'}</span> },
      {
        id: 'listen',
        silent: true,
        unsorted: true,
        title: t('sounds.listen'),
        width: '84px',
        value: () => undefined,
        cell: (sound) => <Listen src={`/api/v1/sounds/${key(sound)}/audio`} name={sound.name} />,
      },
      {
        id: 'act',
        silent: true,
        sticky: true,
        unsorted: true,
        title: t('sounds.change'),
        width: '96px',
        value: () => undefined,
        cell: (sound) => (
          <>
            <button type="button" className={css.icon} aria-label={t('sounds.replace_which', { name: sound.name })} title={t('sounds.replace')} onClick={() => upload({ kind: sound.kind, name: sound.name })}>
              <IconReplace size={16} stroke={1.7} aria-hidden />
            </button>
            {sound.uploaded && (
              <button type="button" className={css.icon} aria-label={t('sounds.remove_which', { name: sound.name })} title={t('sounds.remove')} onClick={() => leave(sound)}>
                <IconTrash size={16} stroke={1.7} aria-hidden />
              </button>
            )}
          </>
        ),
      },
    ],
    [t],
  );
  const title = t('sounds.title');
  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1>{title}</h1>
        <span className="push" />
        <ExportButton name="sounds" columns={columns} page={() => Promise.resolve({ items: list.data ?? [] })} />
        <Button leftSection={<IconUpload size={16} stroke={1.9} />} onClick={() => upload({ kind: 'prompts', name: '' })}>
          {t('sounds.upload')}
        </Button>
      </div>
      {list.isError ? (
        <Failed error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <DataGrid label={title} columns={columns} rows={list.data ?? []} rowKey={key} sort={sort} onSort={sortBy} loading={list.isPending} empty={<Empty icon={<IconMusic size={26} stroke={1.6} />} title={t('sounds.none')} hint={t('sounds.hint')} />} />
      )}
      <Modal opened={uploading !== undefined} onClose={() => upload(undefined)} title={t('sounds.upload')} centered size={520} closeButtonProps={{ 'aria-label': t('keys.close') }}>
        {uploading && <Upload to={uploading} onDone={() => upload(undefined)} />}
      </Modal>
      <Confirm opened={leaving !== undefined} title={t('sounds.remove_title', { name: leaving?.name })} text={t(leaving?.own ? 'sounds.remove_text_own' : 'sounds.remove_text')} act={t('sounds.remove')} bad pending={remove.isPending} onAct={() => leaving && remove.mutate(leaving)} onClose={() => leave(undefined)} />
    </div>
  );
}

function Upload({ to, onDone }: { to: { kind: string; name: string }; onDone: () => void }) {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const [kind, choose] = useState(to.kind);
  const [name, call] = useState(to.name);
  const [file, take] = useState<File | null>(null);
  const send = useMutation({
    mutationFn: async (file: File) => {
      const wav = await asWav(file);
      // The client writes JSON unless it is told how to write a body.
      return api.PUT('/api/v1/sounds/{kind}/{name}', { params: { path: { kind, name } }, body: wav as unknown as number[], bodySerializer: () => wav, headers: { 'Content-Type': 'audio/wav' } }).then(body);
    },
    onSuccess: onDone,
    onSettled: () => void queries.invalidateQueries({ queryKey: SOUNDS }),
  });
  return (
    <form
      className={own.stack}
      onSubmit={(event) => {
        event.preventDefault();
        if (file) send.mutate(file);
      }}
    >
      {send.isError && (
        <p className={own.error} role="alert">
          {words(send.error)}
        </p>
      )}
      <NativeSelect label={t('sounds.kind')} value={kind} disabled={Boolean(to.name)} onChange={(event) => choose(event.currentTarget.value)} data={(['prompts', 'music'] as const).map((value) => ({ value, label: t(`sounds.kinds.${value}`) }))} />
      <TextInput label={t('sounds.name')} description={t('sounds.name_hint')} withAsterisk required maxLength={64} pattern="[A-Za-z0-9_\-]+" disabled={Boolean(to.name)} value={name} onChange={(event) => call(event.currentTarget.value)} />
      <FileInput label={t('sounds.file')} description={t('sounds.file_hint')} placeholder={t('sounds.choose')} withAsterisk accept="audio/*,.wav" value={file} onChange={take} />
      <Button type="submit" loading={send.isPending} disabled={!file || !name}>
        {t('sounds.send')}
      </Button>
    </form>
  );
}
