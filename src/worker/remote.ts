import { fileURLToPath } from 'node:url';

import type { GitCredentials } from '../engine/ports/workspaces.ts';
import { StepError } from '../steps/step-type.ts';
import type { TextRedactor } from './worker-options.ts';

/** Where missions run without a server: configuration that git reads when it opens a repository of this machine. */
export interface LocalGit {
  readonly configFile: string;
}

/** One repository on a server, with what a single git command needs to talk to it. */
export interface Remote {
  readonly url: string;
  /** For messages: without anything secret. */
  readonly shown: string;
  /**
   * Fetches a credential and gives it to `use` as environment for exactly this URL (git-config(1), `http.<url>.extraHeader`): not in
   * argv, not on disk. `scrub` removes it, and every known secret, from what git says.
   */
  connect<T>(use: (env: Record<string, string>, scrub: (text: string) => string) => Promise<T>): Promise<T>;
}

/**
 * Checks the address (http or https, nothing secret in it) and binds it to its credentials. Throws `StepError('input')`.
 * A repository of this machine (`file:`) is taken only where `localGit` says how git is to be let in there.
 */
export function createRemote(cloneUrl: string, credentials: GitCredentials, redactor: TextRedactor, localGit: LocalGit | null = null): Remote {
  const url = parseCloneUrl(cloneUrl, localGit !== null);
  if (url.protocol === 'file:' && localGit !== null) return localRemote(url, redactor, localGit);
  const shown = `${url.protocol}//${url.host}${url.pathname}`;
  return {
    url: shown,
    shown,
    async connect(use) {
      const credential = await credentials();
      if (!credential) return use({}, (text) => redactor.redact(text).text);
      const basic = Buffer.from(`${credential.username}:${credential.password}`).toString('base64');
      const env = {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: `http.${shown}.extraHeader`,
        GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
      };
      const secrets = [credential.password, basic].filter((secret) => secret !== '');
      return use(env, (text) => redactor.redact(secrets.reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text)).text);
    },
  };
}

/** Its user asked for the work in it, so git need not ask whose it is; hooks of theirs are not for our branches. */
function localRemote(url: URL, redactor: TextRedactor, { configFile }: LocalGit): Remote {
  return {
    url: url.href,
    shown: fileURLToPath(url),
    connect: (use) => use({ GIT_ALLOW_PROTOCOL: 'file', GIT_CONFIG_GLOBAL: configFile }, (text) => redactor.redact(text).text),
  };
}

function parseCloneUrl(cloneUrl: string, localAllowed: boolean): URL {
  let url: URL;
  try {
    url = new URL(cloneUrl);
  } catch {
    throw new StepError('input', 'The repository’s clone URL is not a URL. Give an http(s) address.');
  }
  if (localAllowed && url.protocol === 'file:' && url.host === '') return url;
  const problem = url.protocol !== 'https:' && url.protocol !== 'http:' ? `its protocol is ${JSON.stringify(url.protocol)}`
    : url.username !== '' || url.password !== '' ? 'it holds a user or password'
    : url.search !== '' || url.hash !== '' ? 'it holds a query or fragment'
    : null;
  if (problem) throw new StepError('input', `The clone URL of ${url.host || 'the repository'} is refused: ${problem}. Give a plain http(s) address; credentials are passed separately.`);
  return url;
}
