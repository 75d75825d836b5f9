/** The demo: who is in it and what they say. */

export const demoPassword = 'ovation-demo';

export interface DemoMessage {
  from: string;
  text: string;
}

interface DemoEvent {
  title: string;
  description: string;
  streamUrl: string;
  coverImageUrl: string;
  host: string;
  moderators: readonly string[];
  audience: readonly string[];
  /** Minutes from now; negative: ago. */
  startsInMinutes: number;
  becomes: 'SCHEDULED' | 'LIVE' | 'ENDED';
  chat: readonly DemoMessage[];
}

export const demoPeople = [
  { username: 'maya', role: 'HOST', what: 'host of every demo event' },
  { username: 'noor', role: 'PARTICIPANT', what: 'moderator of the live one' },
  { username: 'ava', role: 'PARTICIPANT', what: 'viewer' },
  { username: 'ben', role: 'PARTICIPANT', what: 'viewer' },
  { username: 'cleo', role: 'PARTICIPANT', what: 'viewer' },
] as const;

export const demoEvents: readonly DemoEvent[] = [
  {
    title: 'Live: building a synthesizer',
    description: 'Maya solders, plays and answers. Bring your questions.',
    streamUrl: 'https://stream.example/synth/live.m3u8',
    coverImageUrl: 'https://stream.example/synth/cover.jpg',
    host: 'maya',
    moderators: ['noor'],
    audience: ['noor', 'ava', 'ben', 'cleo'],
    startsInMinutes: 0,
    becomes: 'LIVE',
    chat: [
      { from: 'noor', text: 'Welcome! Be kind, and keep the spoilers for later.' },
      { from: 'ava', text: 'Hello from Lisbon 👋' },
      { from: 'ben', text: 'Is that the oscillator board from last week?' },
      { from: 'maya', text: 'It is, with the tuning fixed.' },
      { from: 'cleo', text: 'It sounds so much warmer now' },
    ],
  },
  {
    title: 'Next week: sampling the city',
    description: 'A walk with a microphone, and what becomes of it.',
    streamUrl: 'https://stream.example/city/live.m3u8',
    coverImageUrl: 'https://stream.example/city/cover.jpg',
    host: 'maya',
    moderators: ['noor'],
    audience: ['ava'],
    startsInMinutes: 7 * 24 * 60,
    becomes: 'SCHEDULED',
    chat: [],
  },
  {
    title: 'Last week: the drum machine',
    description: 'How sixteen buttons changed music.',
    streamUrl: 'https://stream.example/drums/live.m3u8',
    coverImageUrl: 'https://stream.example/drums/cover.jpg',
    host: 'maya',
    moderators: [],
    audience: ['ava', 'ben'],
    startsInMinutes: -7 * 24 * 60,
    becomes: 'ENDED',
    chat: [
      { from: 'ava', text: 'That snare!' },
      { from: 'ben', text: 'Thank you, that was great.' },
    ],
  },
];
