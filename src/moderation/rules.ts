/** A timeout lasts this long, in seconds: 14 days at most. */
export const timeoutSeconds = { least: 1, most: 14 * 24 * 3600 } as const;

/** Of a reason, in code points. */
export const longestReason = 200;

/** Somebody as far as it matters who may sanction them. */
export interface Sanctionable {
  readonly isHost: boolean;
  readonly isModerator: boolean;
  readonly isAdmin: boolean;
  readonly isViewer: boolean;
}

/** Why a moderator may not sanction somebody; null: they may. `runs`: the moderator is the host or an admin. */
export function sanctionRefused({ runs }: { runs: boolean }, target: Sanctionable): string | null {
  if (target.isViewer) return 'Nobody sanctions themselves.';
  if (target.isHost) return 'The host cannot be sanctioned in their own event.';
  if (target.isAdmin) return 'Administrators cannot be sanctioned.';
  if (target.isModerator && !runs) return 'Only the host sanctions moderators.';
  return null;
}

/** Why a moderator may not lift what is in force against somebody; null: they may. */
export function liftRefused(
  { runs }: { runs: boolean },
  target: Pick<Sanctionable, 'isModerator' | 'isViewer'>,
): string | null {
  if (target.isViewer) return 'Nobody lifts what is in force against themselves.';
  if (target.isModerator && !runs) return 'Only the host lifts what is in force against moderators.';
  return null;
}
