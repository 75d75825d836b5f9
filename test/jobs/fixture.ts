import { afterAll, afterEach, beforeAll } from 'vitest';
import { type Database, type Db, openDatabase } from '../../src/db/client.ts';
import { type Committed, createWrite, type Write } from '../../src/feed/unit-of-work.ts';
import { createJobs, type Jobs, type JobsDeps } from '../../src/jobs/jobs.ts';
import { createDatabase, type TestDatabase } from '../database.ts';
import { testLog } from '../harness.ts';

export interface JobsFixture {
  readonly db: Db;
  readonly write: Write;
  /** What was handed on after its commit. */
  readonly published: Committed[];
  /** What one instance does in the background; ended after the test. */
  instance(work: Partial<Pick<JobsDeps, 'duties' | 'rounds' | 'onRun'>>): Jobs;
}

/** A database for the calling test file, and instances that work on it. */
export function useJobs(): JobsFixture {
  let database: TestDatabase;
  let client: Database;
  let running: Jobs[] = [];
  const published: Committed[] = [];
  beforeAll(async () => {
    database = await createDatabase();
    client = openDatabase({ url: database.url, pool: 20, log: testLog });
  });
  afterEach(async () => {
    for (const jobs of running) await jobs.close();
    running = [];
    await client.db.job.deleteMany();
  });
  afterAll(async () => {
    await client.close();
    await database.drop();
  });
  const write: Write = (body) => createWrite({ db: client.db, publish: (one) => published.push(one) })(body);
  return {
    get db() {
      return client.db;
    },
    write,
    published,
    instance({ duties = [], rounds = [], onRun }) {
      const jobs = createJobs({ db: client.db, write, duties, rounds, log: testLog, onRun });
      running.push(jobs);
      return jobs;
    },
  };
}
