import { hostLogInTab, logInTab, signUpTab } from './accounts.ts';
import { analyticsTab } from './analytics.ts';
import { chatTab } from './chat.ts';
import { eventsTab, joinTab, pulseTab, watchTab } from './events.ts';
import type { Found, Tab } from './found.ts';
import { leaderboardTab } from './leaderboards.ts';
import { moderateTab } from './moderation.ts';
import { predictTab } from './predictions.ts';
import { askTab } from './questions.ts';
import { reactTab } from './reactions.ts';
import { replayTab } from './replay.ts';
import { grantTab, redeemTab } from './rewards.ts';
import { waitTab } from './waitlist.ts';

/** From nobody to a participant, and on to the host. What needs another account comes behind its log-in. */
const audience: readonly Tab[] = [
  logInTab,
  eventsTab,
  joinTab,
  watchTab,
  pulseTab,
  chatTab,
  reactTab,
  askTab,
  waitTab,
  leaderboardTab,
  predictTab,
  redeemTab,
  replayTab,
];
const host: readonly Tab[] = [hostLogInTab, moderateTab, grantTab, analyticsTab];

/**
 * The documents that GraphiQL opens with, to be run from the first to the last. Values stand in them: one place to look at, and
 * GraphiQL shows no variables in the first tab.
 */
export function tour(found: Found): string[] {
  const steps = [...audience, ...host].map((tab, index) => numbered(tab(found), index + 1));
  return [...steps, signUpTab(found).trimStart()];
}

const numbered = (document: string, step: number): string => document.trimStart().replace('# ', `# ${step}. `);
