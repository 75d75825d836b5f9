import { randomInt } from 'node:crypto';
import type { Tab } from './found.ts';
import { demoPassword } from './people.ts';

const logInWith = (name: string, login: string): string => `
mutation ${name} {
  logIn(input: { login: "${login}", password: "${demoPassword}" }) {
    __typename
    ... on LogInPayload {
      user { id username role }
      tokens { accessToken refreshToken }
    }
    ... on Error { code message }
  }
}
`;

export const logInTab: Tab = () => `
# Log in: press the button, or Ctrl-Enter. Then
# go from tab to tab: you are ava now. ben and
# cleo watch, too, noor moderates, maya hosts.
#
# Headers: none. This page remembers the access
# token of the answer and sends it from now on.
# Other clients send it themselves:
#   { "Authorization": "Bearer <accessToken>" }
${logInWith('LogIn', 'ava')}`;

export const hostLogInTab: Tab = () => `
# Change sides: maya hosts the events. From
# here on you do and see what only she may.
${logInWith('HostLogIn', 'maya')}`;

export const signUpTab: Tab = () => {
  const username = `guest_${randomInt(100_000, 1_000_000)}`;
  return `
# Instead of a demo account: one of your own. The
# next one needs another name and address.

mutation SignUp {
  signUp(
    input: {
      username: "${username}"
      email: "${username}@example.com"
      password: "a long password"
    }
  ) {
    __typename
    ... on SignUpPayload {
      user { id username role }
      tokens { accessToken refreshToken }
    }
    ... on Error { code message }
  }
}
`;
};
