import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoPassword } from '../../src/demo/script.ts';
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
      ({ searchParams }) => searchParams.get('query')?.includes(` ${tab} {`) ?? tab === 'SignUp',
    );
    await this.page.getByRole('button', { name: /^Execute query/ }).click();
  }

  /** Resolves when the answer shows `text`. */
  async shows(text: string): Promise<void> {
    const answer = async () => {
      const content = await this.page.locator('.graphiql-response').textContent();
      return (content ?? '').replaceAll('\u00a0', ' ');
    };
    await until(async () => (await answer()).includes(text), { limitMs: 10_000, what: `${text} in the answer` }).catch(
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
    const one = await Window.open(first, server.url);
    await one.run('SignUp');
    await one.shows('SignUpPayload');
    await one.shot('1-sign-up');
    await one.run('LiveEvents');
    await one.shows('Live: building a synthesizer');
    await one.shot('2-live-events');
    await one.run('Join');
    await one.shows('JoinVideoEventPayload');
    await one.shot('3-join');
    await one.run('Chat');
    await one.shows('SendMessagePayload');
    await one.shot('4-chat');
    await one.run('Watch');

    const two = await Window.open(second, server.url);
    await two.run('SignUp');
    await two.shows('SignUpPayload');
    await two.run('Join');
    await two.shows('JoinVideoEventPayload');
    await two.run('Chat');
    await two.shows('SendMessagePayload');
    await one.shows('Hello from GraphiQL!');
    await one.shot('5-watch-first-window');
    await two.shot('6-chat-second-window');

    await two.run('LogIn');
    await two.shows('LogInPayload');
    await two.shot('7-log-in');

    for (const { requests, errors } of [one, two]) {
      expect(errors).toEqual([]);
      const elsewhere = requests.filter((url) => !url.startsWith(`${server.url}/`) && !url.startsWith('blob:'));
      expect(elsewhere).toEqual([]);
    }
  }, 120_000);

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
    await window.run('LiveEvents');
    await refused;
    await window.shows('Live: building a synthesizer');
  }, 60_000);
});
