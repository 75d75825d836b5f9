/** Who is in the demo. */
export const demoPeople = [
  { username: 'maya', role: 'HOST', what: 'host of every demo event' },
  { username: 'noor', role: 'PARTICIPANT', what: 'moderator of the live one' },
  { username: 'ava', role: 'PARTICIPANT', what: 'viewer' },
  { username: 'ben', role: 'PARTICIPANT', what: 'viewer' },
  { username: 'cleo', role: 'PARTICIPANT', what: 'viewer' },
] as const;

export const demoPassword = 'ovation-demo';
