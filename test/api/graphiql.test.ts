import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoPassword } from '../../src/demo/people.ts';
import { seed } from '../../src/demo/seed.ts';
import { Actor } from '../actor.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** Where to leave screenshots; absent: none are taken. */
const shots = process.env.SCREENSHOTS;

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** GraphiQL as somebody new uses it. */
class Window {
  readonly requests: string[] = [];
  readonly errors: string[] = [];
  readonly page: Page;

  static async open(context: BrowserContext, url: string): Promise<Window> {
    const window = new Window(await context.newPage());
    await window.page.goto(`${url}/graphql`);
    await window.page.locator('.graphiql-tab').first().waitFor();
    return window;
  }

  constructor(page: Page) {
    this.page = page;
    page.on('request', (request) => this.requests.push(request.url()));
    page.on('pageerror', (error) => this.errors.push(String(error)));
  }

  /** Changes to the tab and runs it. */
  async run(tab: string): Promise<void> {
    await this.page.locator(`.graphiql-tab-button[title="${tab}"]`).click();
    // GraphiQL shows the document in the address when it has understood it.
    await this.page.waitForURL(
      ({ searchParams }) => searchParams.get('query')?.includes(` ${tab} {`) ?? tab === 'LogIn',
    );
    await this.page.getByRole('button', { name: /^Execute query/ }).click();
  }

  /** Resolves when the answer shows `text`. */
  async shows(text: string): Promise<void> {
    const answer = async () => {
      const content = await this.page.locator('.graphiql-response').textContent();
      return (content ?? '').replaceAll('\u00a0', ' ');
    };
    await until(async () => (await answer()).includes(text), { what: `${text} in the answer` }).catch(
      async (error: Error) => {
        throw new Error(`${error.message}; it is ${await answer()}`);
      },
    );
  }

  async shot(name: string): Promise<void> {
    if (shots === undefined) return;
    await mkdir(shots, { recursive: true });
    await this.page.screenshot({ path: join(shots, `${name}.png`) });
  }
}

/** The tabs that answer at once, with something of what they do. */
const tour = [
  ['LogIn', 'LogInPayload'],
  ['Events', 'Live: building a synthesizer'],
  ['Join', 'JoinVideoEventPayload'],
  ['Chat', 'SendMessagePayload'],
  ['React', 'VotePayload'],
  ['Ask', 'AskQuestionPayload'],
  ['Wait', 'JoinWaitlistPayload'],
  ['Redeem', 'RedeemPerkPayload'],
  ['Replay', 'Sixteen buttons'],
  ['HostLogIn', 'LogInPayload'],
  ['Moderate', 'TimeOutUserPayload'],
  ['Grant', 'GrantRewardPayload'],
  ['Analytics', 'peakViewers'],
  ['SignUp', 'SignUpPayload'],
] as const;

/** OVATION_REQUIRE_CHROMIUM=1: without one the suite fails instead of being skipped. */
const skipped = !existsSync(executablePath) && process.env.OVATION_REQUIRE_CHROMIUM !== '1';

describe.skipIf(skipped)('GraphiQL in Chromium (needs one: apt-get install chromium)', () => {
  const server = useServer();
  let browser: Browser;
  let first: BrowserContext;
  let second: BrowserContext;
  beforeAll(async () => {
    await seed(server.app);
    browser = await chromium.launch({ executablePath, args: quiet });
    [first, second] = [await browser.newContext(), await browser.newContext()];
  });
  afterAll(() => browser?.close());

  test('the tabs run from the first to the last, and what one window says another one hears', async () => {
    const audience = await Window.open(first, server.url);
    await audience.run('LogIn');
    await audience.shows('LogInPayload');
    await audience.run('Watch');
    const pulse = await Window.open(first, server.url);
    await pulse.run('Pulse');
    await pulse.shows('viewerCount');

    const visitor = await Window.open(second, server.url);
    for (const [index, [tab, answer]] of tour.entries()) {
      await visitor.run(tab);
      await visitor.shows(answer);
      await visitor.shot(`${index + 1}-${tab}`);
      // A window shows the latest of what it hears.
      if (tab === 'Chat') await audience.shows('Hello from GraphiQL!');
    }
    await audience.shot('watch');
    await pulse.shows('🔥');
    await pulse.shot('pulse');

    for (const { requests, errors } of [audience, pulse, visitor]) {
      expect(errors).toEqual([]);
      const elsewhere = requests.filter((url) => !url.startsWith(`${server.url}/`) && !url.startsWith('blob:'));
      expect(elsewhere).toEqual([]);
    }
  }, 180_000);

  test('a session that was ended does not lock the page', async () => {
    const window = await Window.open(first, server.url);
    await window.run('LogIn');
    await window.shows('LogInPayload');
    const { tokens } = await server.guest.mutate(
      'logIn',
      { login: 'ava', password: demoPassword },
      'tokens { accessToken refreshToken sessionId }',
    );
    const ava = new Actor(server.url, { userId: '', username: 'ava', ...tokens });
    await ava.ask('mutation { logOutEverywhere { __typename } }');
    const refused = window.page.waitForResponse((response) => response.status() === 401);
    await window.run('Events');
    await refused;
    await window.shows('Live: building a synthesizer');
  });
});
