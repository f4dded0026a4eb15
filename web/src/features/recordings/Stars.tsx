import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, body, type RecordingRow } from '../../api/client';
import { complain } from '../../shared/problem';
import css from './recordings.module.css';

/** What supervisors made of it, for those who cannot change it. */
export function Rated({ rating }: { rating: number | null | undefined }) {
  const { t } = useTranslation('recordings');
  if (rating == null) return <span className="meta">{t('not_rated')}</span>;
  return (
    <span role="img" aria-label={t('stars', { count: rating })}>
      {'★'.repeat(rating)}
    </span>
  );
}

/** One to five stars; the one that stands takes them away. */
export function Stars({ recording }: { recording: RecordingRow }) {
  const { t } = useTranslation('recordings');
  const client = useQueryClient();
  const rate = useMutation({
    mutationFn: (stars: number | null) => api.PUT('/api/v1/recordings/{id}/rating', { params: { path: { id: recording.id } }, body: { stars } }).then(body),
    onSuccess: () => client.invalidateQueries({ queryKey: ['recordings'] }),
    onError: complain,
  });
  const rating = (rate.isPending ? rate.variables : recording.rating) ?? 0;
  return (
    <div className={css.stars} role="group" aria-label={t('rate')}>
      {[1, 2, 3, 4, 5].map((stars) => (
        <button key={stars} type="button" aria-pressed={rating === stars} data-on={stars <= rating || undefined} aria-label={t('stars', { count: stars })} title={t('stars', { count: stars })} disabled={rate.isPending} onClick={() => rate.mutate(stars === rating ? null : stars)}>
          ★
        </button>
      ))}
    </div>
  );
}
