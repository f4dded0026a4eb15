import { Button, Textarea } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body } from '../api/client';
import css from './dispose.module.css';
import { below, offered, useDispositions, type Disposition } from './dispositions';
import { complain } from './problem';

interface DisposeFormProps {
  call: string;
  queue: string | null | undefined;
  note?: string | null;
  onDone?: () => void;
}

const NOTE_MAX = 2000;

/** How a call is classed: the usual ones on the left, the site's own on the right, level by level, with a note. */
export function DisposeForm({ call, queue, note: before, onDone }: DisposeFormProps) {
  const { t } = useTranslation('dispose');
  const client = useQueryClient();
  const { data: all = [] } = useDispositions();
  const [path, setPath] = useState<string[]>([]);
  const [note, setNote] = useState(before ?? '');
  const first = offered(all, queue);
  // A level for each one chosen, as long as there is something below it.
  const deeper = path.map((id) => below(all, id)).filter((level) => level.length > 0);
  const chosen = path.at(-1);
  const whole = chosen !== undefined && below(all, chosen).length === 0;
  const save = useMutation({
    mutationFn: () => api.PUT('/api/v1/calls/{id}/disposition', { params: { path: { id: call } }, body: { disposition: chosen!, note: note.trim() || null } }).then(body),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['calls'] });
      onDone?.();
    },
    onError: complain,
  });
  const level = (title: string, choices: Disposition[], depth: number) => (
    <div className={css.level} role="group" aria-label={title}>
      <p>{title}</p>
      <div>
        {choices.map((one) => (
          <button key={one.id} type="button" className={css.choice} aria-pressed={path[depth] === one.id} onClick={() => setPath([...path.slice(0, depth), one.id])}>
            {one.name}
          </button>
        ))}
      </div>
    </div>
  );
  const name = (id: string | undefined) => all.find((one) => one.id === id)?.name ?? '';
  const usual = first.filter((one) => !one.custom);
  const own = first.filter((one) => one.custom);
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (whole) save.mutate();
      }}
    >
      <div className={css.columns}>
        {usual.length > 0 && level(t('usual'), usual, 0)}
        {own.length > 0 && level(t('own'), own, 0)}
      </div>
      {deeper.map((choices, depth) => (
        <div key={path[depth]}>{level(t('below', { name: name(path[depth]) }), choices, depth + 1)}</div>
      ))}
      <div className={css.last}>
        <Textarea className={css.note} aria-label={t('note')} placeholder={t('note')} autosize minRows={1} maxRows={4} maxLength={NOTE_MAX} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
        <Button type="submit" leftSection={<IconCheck size={16} stroke={1.9} />} disabled={!whole} loading={save.isPending}>
          {t('dispose')}
        </Button>
      </div>
    </form>
  );
}
