import { pinsMessage, reportsMessage, says, setsUpChat } from './chat.ts';
import { setsGoal } from './goals.ts';
import { closesPoll, opensPoll } from './polls.ts';
import { predicts } from './predictions.ts';
import { answers, asks, pinsQuestion } from './questions.ts';
import { react } from './reactions.ts';
import { grants, offersPerk, paysFor, redeems } from './rewards.ts';
import type { Beat } from './scene.ts';
import { waits } from './waitlist.ts';

interface Announced {
  title: string;
  description: string;
  streamUrl: string;
  coverImageUrl: string;
  host: string;
  moderators: readonly string[];
  audience: readonly string[];
  /** Seats; absent: no limit. */
  capacity?: number;
  /** Minutes from now; negative: ago. */
  startsInMinutes: number;
}

/** What happens in the demo. `becomes`: the status it is left in. */
export type DemoEvent = (Announced & { becomes: 'SCHEDULED' | 'LIVE'; show: readonly Beat[] }) | PastEvent;

/** A show that is over, in minutes since it began. */
export interface PastEvent extends Announced {
  becomes: 'ENDED';
  show: readonly (readonly [minute: number, beat: Beat])[];
  minutes: number;
  /** From when to when they watched, by user name. */
  watched: Readonly<Record<string, readonly [from: number, to: number]>>;
}

const advertisement = 'Selling my old synth, cheap! Write me.';
const schematics = 'Will you publish the schematics?';
const filter = 'Which filter chip is that?';

const live: DemoEvent = {
  title: 'Live: building a synthesizer',
  description: 'Maya solders, plays and answers. Bring your questions.',
  streamUrl: 'https://stream.example/synth/live.m3u8',
  coverImageUrl: 'https://stream.example/synth/cover.jpg',
  host: 'maya',
  moderators: ['noor'],
  audience: ['noor', 'ava', 'ben', 'cleo'],
  startsInMinutes: 0,
  becomes: 'LIVE',
  show: [
    setsUpChat('maya', { participantsOnly: false, blockedWords: ['followers for free'] }),
    says('noor', 'Welcome! Be kind, and keep the spoilers for later.'),
    pinsMessage('noor', 'Welcome! Be kind, and keep the spoilers for later.'),
    says('ava', 'Hello from Lisbon 👋'),
    says('ben', 'Is that the oscillator board from last week?'),
    says('maya', 'It is, with the tuning fixed.'),
    react({ ava: ['❤️', 3], ben: ['👏', 8], cleo: ['🔥', 5] }),
    opensPoll(
      'maya',
      { title: 'Which wave do you like best?', choices: ['Sawtooth', 'Square', 'Triangle'] },
      { noor: 2, ava: 0, ben: 0, cleo: 1 },
    ),
    closesPoll('maya', 'Which wave do you like best?'),
    asks('ben', filter, { wantedBy: ['cleo'] }),
    answers('maya', filter, 'A CEM3320, as in many of the old ones.'),
    asks('cleo', schematics, { wantedBy: ['ben', 'noor'] }),
    pinsQuestion('noor', schematics),
    asks('ben', 'How often have you burnt your fingers?', { anonymous: true, wantedBy: ['cleo'] }),
    says('cleo', 'It sounds so much warmer now'),
    says('ben', advertisement),
    reportsMessage('cleo', advertisement, 'This is no market'),
    opensPoll(
      'maya',
      { title: 'What shall I play?', choices: ['Something slow', 'Something loud', 'Surprise me'], changeable: true },
      { noor: 0, ben: 1, cleo: 2 },
    ),
    react({ noor: ['🎉', 2], cleo: ['🔥', 4] }),
    grants({ noor: 200, ava: 300, ben: 80, cleo: 120 }, 'Thank you for being here early'),
    offersPerk({ title: 'A greeting on air', description: 'Maya reads out your note.', cost: 20 }),
    offersPerk({ title: 'Choose the next sound', cost: 60, cooldownSeconds: 60, maxPerEvent: 10 }),
    offersPerk({ title: 'A signed circuit board', cost: 250, stock: 3, maxPerUser: 1 }),
    paysFor({ title: 'Talking along', trigger: 'MESSAGE', points: 5, cooldownSeconds: 30 }),
    paysFor({ title: 'A vote', trigger: 'VOTE', points: 10 }),
    paysFor({ title: 'A good question', trigger: 'QUESTION_ANSWERED', points: 25 }),
    paysFor({ title: 'Ten minutes with us', trigger: 'MINUTES_WATCHED', minutes: 10, points: 10 }),
    setsGoal({
      title: 'A hundred reactions, all of us together',
      metric: 'REACTIONS',
      levels: [
        { target: 50, points: 5 },
        { target: 100, points: 20 },
      ],
    }),
    predicts(
      { title: 'Will it stay in tune?', outcomes: ['To the end', 'For ten minutes'] },
      { ben: [0, 20], cleo: [1, 30] },
    ),
    redeems('cleo', 'A greeting on air', 'For my sister Ida, who is learning to solder'),
  ],
};

const nextWeek: DemoEvent = {
  title: 'Next week: sampling the city',
  description: 'A walk with a microphone, and what becomes of it.',
  streamUrl: 'https://stream.example/city/live.m3u8',
  coverImageUrl: 'https://stream.example/city/cover.jpg',
  host: 'maya',
  moderators: ['noor'],
  audience: ['ava'],
  startsInMinutes: 7 * 24 * 60,
  becomes: 'SCHEDULED',
  show: [],
};

const fullRoom: DemoEvent = {
  title: 'In three days: two seats at the mixing desk',
  description: 'A lesson for two. Whoever waits gets the seat of who leaves.',
  streamUrl: 'https://stream.example/desk/live.m3u8',
  coverImageUrl: 'https://stream.example/desk/cover.jpg',
  host: 'maya',
  moderators: [],
  audience: ['ben', 'cleo'],
  capacity: 2,
  startsInMinutes: 3 * 24 * 60,
  becomes: 'SCHEDULED',
  show: [waits('noor')],
};

const lastWeek: PastEvent = {
  title: 'Last week: the drum machine',
  description: 'How sixteen buttons changed music.',
  streamUrl: 'https://stream.example/drums/live.m3u8',
  coverImageUrl: 'https://stream.example/drums/cover.jpg',
  host: 'maya',
  moderators: [],
  audience: ['ava', 'ben', 'cleo'],
  startsInMinutes: -7 * 24 * 60,
  becomes: 'ENDED',
  minutes: 60,
  watched: { ava: [0, 60], ben: [2, 60], cleo: [5, 35] },
  show: [
    [1, says('maya', 'Sixteen buttons, one bar. Let us begin.')],
    [3, says('ben', 'I had one of these!')],
    [6, react({ ava: ['👏', 6], ben: ['❤️', 4] })],
    [11, asks('cleo', 'Why does the clap sound so wrong?', { wantedBy: ['ava', 'ben'] })],
    [14, answers('maya', 'Why does the clap sound so wrong?', 'Four bursts of noise. Nobody claps like that.')],
    [18, says('ava', 'That snare!')],
    [19, react({ ava: ['🔥', 10], ben: ['🔥', 7], cleo: ['😮', 3] })],
    [
      24,
      opensPoll(
        'maya',
        { title: 'Faster or slower?', choices: ['Faster', 'Slower', 'Just so'] },
        { ava: 0, ben: 0, cleo: 2 },
      ),
    ],
    [29, closesPoll('maya', 'Faster or slower?')],
    [30, says('maya', 'Faster it is.')],
    [34, says('cleo', 'I must go. See you next week!')],
    [47, react({ ava: ['🎉', 9], ben: ['👏', 10] })],
    [58, says('ben', 'Thank you, that was great.')],
    [59, react({ ava: ['❤️', 5], ben: ['❤️', 5] })],
  ],
};

/** In the order in which they are played. */
export const demoEvents: readonly DemoEvent[] = [live, nextWeek, fullRoom, lastWeek];
/** Once this one is over, all of them were played. */
export const lastPlayed = lastWeek;
