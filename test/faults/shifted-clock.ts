import { existsSync } from 'node:fs';

// Where Debian and Ubuntu put it: /usr/lib/<architecture>/faketime.
const libraries = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`);
const library = libraries.find((path) => existsSync(path));

/** What shifts the clock of an instance: libfaketime, which shifts it for all of the process, or a script that shifts Date. */
export const shiftedBy = library === undefined ? 'a preloaded script' : 'libfaketime';

/** The environment of an instance whose clock is so many seconds ahead; negative: behind. Only what it counts runs as always. */
export function shiftedClock(seconds: number): Record<string, string> {
  if (library !== undefined) {
    return {
      LD_PRELOAD: library,
      FAKETIME: `${seconds < 0 ? '' : '+'}${seconds}s`,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }
  const script = `const now = () => Real.now() + ${seconds * 1000}, Real = Date;
    globalThis.Date = new Proxy(Real, {
      apply: () => String(new Real(now())),
      construct: (_, given, target) => Reflect.construct(Real, given.length === 0 ? [now()] : given, target),
      get: (_, name) => (name === 'now' ? now : Reflect.get(Real, name)),
    });`;
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(script)}` };
}
