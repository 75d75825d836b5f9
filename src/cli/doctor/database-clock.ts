import type pg from 'pg';
import type { Finding } from '../../finding.ts';

/**
 * How far this machine's clock may be from the database's, in ms. Two instances that keep within it are less apart than the
 * 5 s by which they tolerate each other's access tokens.
 */
const tolerableMs = 2000;

/** How far the database's clock is ahead of this machine's, as far as the time for asking lets one tell; in ms. */
async function aheadMs(client: pg.Client): Promise<number> {
  const asked = Date.now();
  const { rows } = await client.query<{ now: string }>(
    'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint::text AS now',
  );
  const answered = Date.now();
  const now = Number(rows[0]?.now);
  // Asked and answered at some moment in between: what that alone explains is not held against either clock.
  return now > answered ? now - answered : now < asked ? now - asked : 0;
}

export async function checkClock(client: pg.Client): Promise<Finding[]> {
  const ahead = await aheadMs(client);
  if (Math.abs(ahead) <= tolerableMs) return [];
  return [
    {
      code: 'CLOCK_OFF',
      problem: `This machine's clock is ${(Math.abs(ahead) / 1000).toFixed(1)} s ${ahead > 0 ? 'behind' : 'ahead of'} the database's.`,
      remedy:
        'Let both keep time by NTP (timedatectl set-ntp true). Until then access tokens and sessions end at the wrong time.',
    },
  ];
}
