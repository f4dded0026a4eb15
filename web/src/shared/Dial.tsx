/** A telephone number, wherever one stands. */
export function Dial({ number }: { number: string | null | undefined }) {
  return <>{number ?? '–'}</>;
}
