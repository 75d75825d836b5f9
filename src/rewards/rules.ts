/** Points that are given or taken at a time. A wallet holds many times as much, exactly: it counts in 64 bits. */
export const pointsAtATime = { least: 1, most: 1_000_000 } as const;

/** Of a reason, in code points. */
export const longestReason = 200;

/** Why points may not be given to or taken from somebody by hand; null: they may. */
export function byHandRefused(target: { isViewer: boolean; isHost: boolean }): string | null {
  if (target.isViewer) return 'Nobody gives points to themselves, or takes them.';
  return target.isHost ? 'The host has no points of their own to collect.' : null;
}
