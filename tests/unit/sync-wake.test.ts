import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { onWake } from '../../widget/net/wake.js';

/** A page: what of `window` and `document` is listened to. */
const page = { visibilityState: 'hidden' };
const frame = new EventTarget();
beforeEach(() => {
  vi.stubGlobal('document', page);
  vi.stubGlobal('addEventListener', frame.addEventListener.bind(frame));
  vi.stubGlobal('removeEventListener', frame.removeEventListener.bind(frame));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const happen = (target: EventTarget, name: string, more: object = {}): void =>
  void target.dispatchEvent(Object.assign(new Event(name), more));

describe('the browser wakes', () => {
  it('when the network is back, when the page is looked at again, and when it comes out of the back-forward cache', () => {
    const wake = vi.fn();
    onWake(wake, () => {});
    happen(frame, 'online');
    page.visibilityState = 'visible';
    happen(frame, 'visibilitychange');
    happen(frame, 'pageshow', { persisted: true });
    expect(wake).toHaveBeenCalledTimes(3);
  });

  it('but not when the page is left, or loaded in the ordinary way', () => {
    const wake = vi.fn();
    onWake(wake, () => {});
    page.visibilityState = 'hidden';
    happen(frame, 'visibilitychange');
    happen(frame, 'pageshow', { persisted: false });
    expect(wake).not.toHaveBeenCalled();
  });

  it('when the machine has slept, told by nothing but the clock', () => {
    vi.useFakeTimers();
    const wake = vi.fn();
    const off = onWake(wake, () => {});
    vi.advanceTimersByTime(60_000);
    expect(wake).not.toHaveBeenCalled();
    vi.setSystemTime(Date.now() + 30_000);
    vi.advanceTimersByTime(60_000);
    expect(wake).toHaveBeenCalledTimes(1);
    off();
    vi.setSystemTime(Date.now() + 30_000);
    vi.advanceTimersByTime(60_000);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('and says when there is no network any more', () => {
    const [wake, sleep] = [vi.fn(), vi.fn()];
    onWake(wake, sleep);
    happen(frame, 'offline');
    expect([wake.mock.calls.length, sleep.mock.calls.length]).toEqual([0, 1]);
  });

  it('and nobody is told any more who does not want to be', () => {
    const wake = vi.fn();
    onWake(wake, wake)();
    page.visibilityState = 'visible';
    happen(frame, 'online');
    happen(frame, 'offline');
    happen(frame, 'visibilitychange');
    happen(frame, 'pageshow', { persisted: true });
    expect(wake).not.toHaveBeenCalled();
  });
});
