/** OVATION_SOAK=1 (`npm run test:soak`): tests that have a long form take it, with the machine to themselves. */
export const soak = process.env.OVATION_SOAK === '1';
