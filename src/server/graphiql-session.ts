/**
 * What GraphiQL's page runs first: it remembers the access token of the last signUp, logIn or refreshSession for as long as
 * the window is open, and sends it with every request whose headers name none. A token that has expired or was refused is
 * forgotten.
 */
export const keepSession = /* js */ `
(() => {
  const key = 'ovation:accessToken';
  const send = globalThis.fetch;

  const remembered = () => {
    const token = sessionStorage.getItem(key);
    if (token === null) return null;
    const { exp } = JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));
    return exp * 1000 > Date.now() ? token : null;
  };

  const remember = ({ data }) => {
    for (const value of Object.values(data ?? {})) {
      const token = value?.tokens?.accessToken;
      if (typeof token === 'string') sessionStorage.setItem(key, token);
    }
  };

  globalThis.fetch = async (input, init = {}) => {
    const headers = new Headers(init.headers);
    const token = headers.has('authorization') ? null : remembered();
    if (token !== null) headers.set('authorization', 'Bearer ' + token);
    const response = await send(input, { ...init, headers });
    if (token !== null && response.status === 401) {
      sessionStorage.removeItem(key);
      return send(input, init);
    }
    if (response.headers.get('content-type')?.includes('json')) {
      response.clone().json().then(remember).catch(() => {});
    }
    return response;
  };
})();
`;
