/** Things that somebody may have only so many of at once. */
export interface Places {
  /** Takes one for `key`; the returned function gives it back, once. Null: all are taken. */
  take(key: string): (() => void) | null;
}

/** `each`: how many for each key. */
export function createPlaces(each: number): Places {
  const taken = new Map<string, number>();
  return {
    take(key) {
      const before = taken.get(key) ?? 0;
      if (before >= each) return null;
      taken.set(key, before + 1);
      let given = false;
      return () => {
        if (given) return;
        given = true;
        const left = (taken.get(key) ?? 1) - 1;
        if (left === 0) taken.delete(key);
        else taken.set(key, left);
      };
    },
  };
}
