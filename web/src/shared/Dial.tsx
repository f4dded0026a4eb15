import { useTranslation } from 'react-i18next';

import { useDialling } from './dialling';
import css from './list.module.css';

/** What can be dialled: a number, or what stands for one that is hidden from this agent. All else is shown as text. */
const DIALLED = /^(\+?[0-9*#]{2,}|•••• [a-z]+)$/;

/** A number, in light blue: a click opens the menu to call or transfer. */
export function Dial({ number, abandoned }: { number: string | null | undefined; abandoned?: string }) {
  const { t } = useTranslation();
  const open = useDialling((state) => state.chosen?.number === number);
  if (!number || !DIALLED.test(number)) return <>{number ?? '–'}</>;
  return (
    <button type="button" className={css.dial} aria-haspopup="menu" aria-expanded={open} title={t('dial_title', { number })} onClick={(event) => useDialling.setState({ chosen: { number, abandoned, at: event.currentTarget } })}>
      {number}
    </button>
  );
}
