import type { Verdict } from './group-commit.ts';

/**
 * Inputs that are committed together. Each is judged for itself: whoever has a verdict drops out. What an input comes to is the id
 * of what it made.
 */
export class Batch<Input extends object> {
  readonly #inputs: readonly Input[];
  readonly #verdicts = new Map<Input, Verdict<string>>();
  /** Inputs that are another one of the batch again, and share its verdict. */
  readonly #repeats = new Map<Input, Input>();

  constructor(inputs: readonly Input[]) {
    this.#inputs = inputs;
  }

  /** Without a verdict yet, in the order of arrival. */
  get open(): Input[] {
    return this.#inputs.filter((input) => this.isOpen(input));
  }

  isOpen(input: Input): boolean {
    return !this.#verdicts.has(input) && !this.#repeats.has(input);
  }

  isRefused(input: Input): boolean {
    const verdict = this.#verdicts.get(this.#repeats.get(input) ?? input);
    return verdict !== undefined && 'refusal' in verdict;
  }

  refuse(input: Input, refusal: Error): void {
    this.#verdicts.set(input, { refusal });
  }

  /** It comes to this, now or long ago. */
  answer(input: Input, id: string): void {
    this.#verdicts.set(input, { value: id });
  }

  /** It is `first` once more. */
  repeat(input: Input, first: Input): void {
    this.#repeats.set(input, first);
  }

  /** Throws when it was not judged. */
  verdictOf(input: Input): Verdict<string> {
    const verdict = this.#verdicts.get(this.#repeats.get(input) ?? input);
    if (verdict === undefined) throw new Error('an input of a batch was not judged');
    return verdict;
  }

  /** Of each input, in the order of arrival. Throws when one was not judged. */
  verdicts(): Verdict<string>[] {
    return this.#inputs.map((input) => this.verdictOf(input));
  }
}
