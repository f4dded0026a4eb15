import { Dial } from './Dial';
import css from './list.module.css';

/** Who calls, in a list: the name, as far as there is room, and below it the number, which is there whole. */
export function Caller({ name, number }: { name: string | null | undefined; number: string | null | undefined }) {
  if (!name) return <Dial number={number} />;
  return (
    <span className={css.caller}>
      <span title={name}>{name}</span>
      <Dial number={number} />
    </span>
  );
}
