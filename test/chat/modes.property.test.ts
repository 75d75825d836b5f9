import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wordFilter } from '../../src/chat/blocked-words.ts';
import { comparable } from '../../src/chat/comparable.ts';
import { ChatModeError, SlowModeError } from '../../src/chat/errors.ts';
import { isEmotes, judgeTurns, type Turn, textRefused } from '../../src/chat/modes.ts';
import { repeatAfterMs } from '../../src/chat/rules.ts';

const names = ['a', 'b', 'c', 'd'];
const turn: fc.Arbitrary<Turn> = fc.record({
  participantId: fc.option(fc.constantFrom(...names)),
  textHash: fc.option(fc.constantFrom(...names)),
});
const waits = fc
  .dictionary(fc.constantFrom(...names), fc.integer({ min: 0, max: 120_000 }))
  .map((of) => new Map(Object.entries(of)));
const turns = fc.array(turn, { maxLength: 30 });

describe('judgeTurns', () => {
  test('a batch is judged as its messages would be one by one', () => {
    fc.assert(
      fc.property(
        turns,
        waits,
        waits,
        fc.integer({ min: 1, max: 120 }),
        (batch, participants, texts, slowModeSeconds) => {
          const together = judgeTurns(batch, { participants, texts }, { slowModeSeconds });
          const [speakers, said] = [new Map(participants), new Map(texts)];
          const alone = batch.flatMap((one) => {
            const [verdict = null] = judgeTurns([one], { participants: speakers, texts: said }, { slowModeSeconds });
            if (verdict === null && one.participantId !== null) speakers.set(one.participantId, slowModeSeconds * 1000);
            if (verdict === null && one.textHash !== null) said.set(one.textHash, repeatAfterMs);
            return [verdict];
          });
          expect(together).toEqual(alone);
        },
      ),
    );
  });

  test('of those who need not wait, each speaks once and each text is said once; what is refused says how long to wait', () => {
    fc.assert(
      fc.property(
        turns,
        waits,
        waits,
        fc.integer({ min: 1, max: 120 }),
        (batch, participants, texts, slowModeSeconds) => {
          const verdicts = judgeTurns(batch, { participants, texts }, { slowModeSeconds });
          const taken = batch.filter((_, place) => verdicts[place] === null);
          for (const key of ['participantId', 'textHash'] as const) {
            const used = taken.flatMap((one) => one[key] ?? []);
            expect(new Set(used).size).toBe(used.length);
            const before = key === 'participantId' ? participants : texts;
            expect(used.filter((name) => (before.get(name) ?? 0) > 0)).toEqual([]);
          }
          for (const verdict of verdicts) {
            if (verdict === null) continue;
            expect(verdict).toBeInstanceOf(verdict.code === 'SLOW_MODE' ? SlowModeError : ChatModeError);
            expect(verdict.retryAfterMs).toBeGreaterThan(0);
          }
        },
      ),
    );
  });

  test('where no rule holds everything is taken', () => {
    fc.assert(
      fc.property(fc.nat(20), waits, waits, (count, participants, texts) => {
        const free = Array.from({ length: count }, () => ({ participantId: null, textHash: null }));
        expect(judgeTurns(free, { participants, texts }, { slowModeSeconds: 0 })).toEqual(free.map(() => null));
      }),
    );
  });
});

describe('emote-only', () => {
  test.each(['👋', '👍🏽 👍🏽', '👨‍👩‍👧🇩🇪', '1️⃣', '❤', '❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿'])('%s is emotes', (text) =>
    expect(isEmotes(text)).toBe(true),
  );
  test.each(['a', '👋 hi', '12', '#', '‍', ':-)', `${'👍🏽'.repeat(249)}a`])('%s is not', (text) =>
    expect(isEmotes(text)).toBe(false),
  );

  test('a letter or digit anywhere is never taken', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.stringMatching(/^[\p{L}\p{Nd}]$/u),
        fc.string(),
        (before, sign, after) => {
          const modes = { closed: false, emoteOnly: true };
          expect(textRefused(`${before} ${sign} ${after}`, modes, () => false)).toMatchObject({ mode: 'EMOTE_ONLY' });
        },
      ),
    );
  });
});

describe('blocked words', () => {
  const word = fc.stringMatching(/^[a-zäß]{2,8}( [a-z]{2,8})?$/).map(comparable);

  test('are found in any case, width and spacing, with invisible signs between, beside anything but letters and digits', () => {
    const disguise = (text: string) => [...text.toUpperCase().replace(' ', ' \t ')].join('\u200b');
    fc.assert(
      fc.property(word, fc.constantFrom('', ' ', '.', '… ', '👋', '_'), (blocked, beside) => {
        const isBlocked = wordFilter([blocked]);
        expect(isBlocked(`${beside}${blocked}${beside}`)).toBe(true);
        // ß has another upper case, which is other letters.
        if (!blocked.includes('ß')) expect(isBlocked(disguise(`${beside}${blocked}${beside}`))).toBe(true);
      }),
    );
  });

  test('are not found within longer words', () => {
    fc.assert(
      fc.property(word, fc.constantFrom('x', 'é', '7', 'ж'), (blocked, more) => {
        expect(wordFilter([blocked])(`${more}${blocked} ${blocked}${more}`)).toBe(false);
      }),
    );
  });

  test('mean themselves, whatever signs they are of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), (text) => {
        const blocked = comparable(text);
        fc.pre(blocked !== '');
        expect(wordFilter([blocked])(text)).toBe(true);
      }),
    );
  });
});
