// Votes and reactions in memory: who has chosen what on which reply, and what that comes to.
import type { Reactions } from '../../../shared/views.js';
import type { Choice } from '../../../server/store/store.js';

export class MemoryChoices {
  /** Values by reply and author. */
  readonly #votes = new Map<string, Map<string, -1 | 1>>();
  /** Authors by reply and emoji. */
  readonly #reactions = new Map<string, Map<string, Set<string>>>();

  /** This author's votes on these replies. */
  votes(authorId: string, replyIds: readonly string[]): Map<string, -1 | 1> {
    const found = new Map<string, -1 | 1>();
    for (const id of replyIds) {
      const value = this.#votes.get(id)?.get(authorId);
      if (value) found.set(id, value);
    }
    return found;
  }

  /** The emoji that this author chose on these replies. */
  reactions(authorId: string, replyIds: readonly string[]): Map<string, string[]> {
    const found = new Map<string, string[]>();
    for (const id of replyIds) {
      const chosen = [...(this.#reactions.get(id) ?? [])].filter(([, people]) => people.has(authorId));
      if (chosen.length > 0) found.set(id, chosen.map(([emoji]) => emoji).sort());
    }
    return found;
  }

  /** Keeps the last of each person's wishes; false where all stood so already. */
  keep(id: string, choices: readonly Choice[]): boolean {
    const wishes = new Map(choices.map((one) => [`${one.authorId} ${'emoji' in one ? one.emoji : ''}`, one]));
    const changed = [...wishes.values()].filter((one) => !this.#stands(id, one));
    for (const one of changed) this.#set(id, one);
    return changed.length > 0;
  }

  #stands(id: string, choice: Choice): boolean {
    if ('value' in choice) return (this.#votes.get(id)?.get(choice.authorId) ?? 0) === choice.value;
    return (this.#reactions.get(id)?.get(choice.emoji)?.has(choice.authorId) ?? false) === choice.on;
  }

  #set(id: string, choice: Choice): void {
    if ('value' in choice) {
      const votes = this.#votes.get(id) ?? new Map<string, -1 | 1>();
      this.#votes.set(id, votes);
      if (choice.value === 0) votes.delete(choice.authorId);
      else votes.set(choice.authorId, choice.value);
      return;
    }
    const reactions = this.#reactions.get(id) ?? new Map<string, Set<string>>();
    this.#reactions.set(id, reactions);
    const people = reactions.get(choice.emoji) ?? new Set<string>();
    reactions.set(choice.emoji, people);
    if (choice.on) people.add(choice.authorId);
    else people.delete(choice.authorId);
  }

  /** The counters of a reply; `reactions` is null where nobody ever chose one. */
  countersOf(id: string): { ups: number; downs: number; reactions: Reactions | null } {
    const values = [...(this.#votes.get(id)?.values() ?? [])];
    const chosen = this.#reactions.get(id);
    const counted = [...(chosen ?? [])].map(([emoji, { size }]) => [emoji, size] as const);
    return {
      ups: values.filter((value) => value === 1).length,
      downs: values.filter((value) => value === -1).length,
      reactions: chosen ? Object.fromEntries(counted.filter(([, size]) => size > 0)) : null,
    };
  }
}
