import { afterEach, describe, expect, it, vi } from 'vitest';
import { isId, newId, NIL_ID } from '../../shared/ids.js';

afterEach(() => void vi.restoreAllMocks());

describe('ids', () => {
  it('are UUIDs of version 7 that begin with the time in milliseconds', () => {
    const at = Date.UTC(2026, 6, 1, 12, 30, 15, 987);
    const id = newId(at);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(at);
  });

  it('differ, also within a millisecond', () => {
    const ids = new Set(Array.from({ length: 10_000 }, () => newId(5)));
    expect(ids.size).toBe(10_000);
  });

  it('can be made where `crypto.randomUUID` is missing, as on plain http pages', () => {
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) });
    expect(isId(newId())).toBe(true);
    vi.unstubAllGlobals();
  });

  it('are told from other texts', () => {
    expect(isId('0190163d-8694-739b-aea5-966c26f8ad91')).toBe(true);
    expect(isId('0190163D-8694-739B-AEA5-966C26F8AD91')).toBe(true);
    for (const text of ['', 'constructor', '0190163d8694739baea5966c26f8ad91', `${NIL_ID}x`, `x${newId()}`]) {
      expect(isId(text)).toBe(false);
    }
  });
});
