import { create } from 'zustand';

/** The keys of the dock, by what they do. Single ones work outside of fields and dialogs, and can be turned off (WCAG 2.1.4). */
export const KEYS = { answer: 'a', mute: 'm', hold: 'h', keypad: 'k', transfer: 't', end: 'e' } as const;
export type KeyOf = keyof typeof KEYS;

const KEPT = 'carillon.keys';

export const useKeys = create<{ on: boolean }>(() => ({ on: localStorage.getItem(KEPT) !== 'off' }));

export function setKeys(on: boolean): void {
  localStorage.setItem(KEPT, on ? 'on' : 'off');
  useKeys.setState({ on });
}

/** What a button says of its key to whoever cannot see it. */
export function shortcut(key: KeyOf): string {
  return key === 'end' ? 'Control+Shift+E' : KEYS[key].toUpperCase();
}

/** Presses the dock's button of a key, until the function it gives back is called. */
export function followKeys(): () => void {
  const press = (event: KeyboardEvent) => {
    const key = keyOf(event);
    const button = key && document.querySelector<HTMLButtonElement>(`button[data-key="${key}"]:not([disabled])`);
    if (!button) return;
    event.preventDefault();
    button.click();
  };
  addEventListener('keydown', press);
  return () => removeEventListener('keydown', press);
}

/** Calls `open` when `?` is pressed, as the list of shortcuts is asked for everywhere. */
export function followHelp(open: () => void): () => void {
  const press = (event: KeyboardEvent) => {
    if (event.key !== '?' || event.ctrlKey || event.altKey || event.metaKey || !useKeys.getState().on || isMeantForOthers(event.target)) return;
    event.preventDefault();
    open();
  };
  addEventListener('keydown', press);
  return () => removeEventListener('keydown', press);
}

/** Which of the dock's buttons a key press means, if it is meant for one. */
export function keyOf(event: KeyboardEvent): KeyOf | undefined {
  const pressed = event.key.toLowerCase();
  if (event.ctrlKey && event.shiftKey && !event.altKey && !event.metaKey) return pressed === KEYS.end ? 'end' : undefined;
  const plain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey && !event.repeat;
  if (!plain || pressed === KEYS.end || !useKeys.getState().on || isMeantForOthers(event.target)) return undefined;
  return (Object.keys(KEYS) as KeyOf[]).find((key) => KEYS[key] === pressed);
}

/** Whoever types, or has a menu or dialog open, means that. */
function isMeantForOthers(target: EventTarget | null): boolean {
  const typed = target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
  return typed || document.querySelector('[role="dialog"], [role="menu"], [role="listbox"]') !== null;
}
