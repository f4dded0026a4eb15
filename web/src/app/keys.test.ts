import { afterEach, describe, expect, it, vi } from 'vitest';

import { followHelp, followKeys, keyOf, setKeys } from './keys';

const press = (key: string, more: KeyboardEventInit = {}, target: Element = document.body) => target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));

describe('the keys of the dock', () => {
  afterEach(() => {
    document.body.innerHTML = '';
    setKeys(true);
  });

  it('press the buttons that are there and may be pressed', () => {
    document.body.innerHTML = '<button data-key="hold">Hold</button><button data-key="transfer" disabled>Transfer</button>';
    const [hold, transfer] = [...document.querySelectorAll('button')].map((button) => {
      const clicked = vi.fn();
      button.addEventListener('click', clicked);
      return clicked;
    });
    const stop = followKeys();
    press('h');
    press('t');
    press('H', { ctrlKey: true });
    expect([hold?.mock.calls.length, transfer?.mock.calls.length]).toEqual([1, 0]);
    stop();
    press('h');
    expect(hold).toHaveBeenCalledTimes(1);
  });

  it('are not meant by whoever types, has a dialog open, or turned them off; the end of a call always is', () => {
    const of = (key: string, target: Element = document.body, more: KeyboardEventInit = {}) => {
      const event = new KeyboardEvent('keydown', { key, ...more });
      Object.defineProperty(event, 'target', { value: target });
      return keyOf(event);
    };
    expect([of('m'), of('A'), of('e')]).toEqual(['mute', 'answer', undefined]);
    expect(of('m', document.createElement('input'))).toBeUndefined();
    expect(of('m', document.body, { repeat: true })).toBeUndefined();
    setKeys(false);
    expect(of('m')).toBeUndefined();
    expect(of('E', document.createElement('input'), { ctrlKey: true, shiftKey: true })).toBe('end');
    setKeys(true);
    document.body.innerHTML = '<div role="dialog"></div>';
    expect(of('m')).toBeUndefined();
  });

  it('are listed by a question mark, but not to whoever types one', () => {
    const open = vi.fn();
    const stop = followHelp(open);
    press('?', { shiftKey: true });
    document.body.innerHTML = '<input>';
    press('?', { shiftKey: true }, document.querySelector('input')!);
    setKeys(false);
    press('?', { shiftKey: true });
    stop();
    setKeys(true);
    press('?', { shiftKey: true });
    expect(open).toHaveBeenCalledTimes(1);
  });
});
