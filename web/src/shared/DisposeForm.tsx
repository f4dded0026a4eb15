import { Button, Textarea } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body } from '../api/client';
import css from './dispose.module.css';
import { below, offered, useDispositions, type Disposition } from './dispositions';
import { useDrafts } from './drafts';
import { complain } from './problem';

interface DisposeFormProps {
  call: string;
  queue: string | null | undefined;
  note?: string | null;
  /** How it is classed now, by ids from the first level down. */
  before?: string[];
  onDone?: () => void;
  /** Whether there is something that was not saved. */
  onChanged?: (changed: boolean) => void;
}

const NOTE_MAX = 2000;
const NONE: string[] = [];

/** As much of a path as is there still and may be chosen. */
function standing(all: Disposition[], queue: string | null | undefined, path: string[]): string[] {
  const gone = path.findIndex((id, depth) => !(depth === 0 ? offered(all, queue) : below(all, path[depth - 1] ?? null)).some((one) => one.id === id));
  return gone < 0 ? path : path.slice(0, gone);
}

/** How a call is classed: the usual ones on the left, the site's own on the right, level by level, with a note. */
export function DisposeForm({ call, queue, note: written, before = NONE, onDone, onChanged }: DisposeFormProps) {
  const { t } = useTranslation('dispose');
  const client = useQueryClient();
  const { data: all = [] } = useDispositions();
  const [picked, setPath] = useState<string[]>();
  const path = picked ?? standing(all, queue, before);
  const draft = useDrafts((drafts) => drafts.notes[call]);
  const { keep, drop } = useDrafts();
  const note = draft ?? written ?? '';
  const changed = picked !== undefined || note !== (written ?? '');
  useEffect(() => onChanged?.(changed), [changed, onChanged]);
  const first = offered(all, queue);
  // A level for each one chosen, as long as there is something below it.
  const deeper = path.map((id) => below(all, id)).filter((level) => level.length > 0);
  const chosen = path.at(-1);
  const whole = chosen !== undefined && below(all, chosen).length === 0;
  const save = useMutation({
    mutationFn: () => api.PUT('/api/v1/calls/{id}/disposition', { params: { path: { id: call } }, body: { disposition: chosen!, note: note.trim() || null } }).then(body),
    onSuccess: async () => {
      drop(call);
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
        <Textarea className={css.note} aria-label={t('note')} placeholder={t('note')} autosize minRows={1} maxRows={4} maxLength={NOTE_MAX} value={note} onChange={(event) => keep(call, event.currentTarget.value)} />
        <Button type="submit" leftSection={<IconCheck size={16} stroke={1.9} />} disabled={!whole} loading={save.isPending}>
          {t('dispose')}
        </Button>
      </div>
    </form>
  );
}
