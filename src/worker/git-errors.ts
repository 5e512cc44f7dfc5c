import { StepError, type FailureClass } from '../steps/step-type.ts';
import type { GitResult } from './git-command.ts';

interface FailureRule {
  readonly pattern: RegExp;
  readonly failure: FailureClass;
  readonly wayOut: string;
}

/** First match wins. Git's words under LC_ALL=C, from its sources (http.c, remote-curl.c, connect.c, transport.c) and curl's. */
const RULES: readonly FailureRule[] = [
  { pattern: /empty filename in tree|malformed mode in tree|too-short tree/i, failure: 'input', wayOut: 'The repository holds a malformed tree; git cannot check it out anywhere. Remove that commit.' },
  { pattern: /BOM is (required|prohibited)|failed to encode|unable to process path|would be replaced|short read while indexing|unable to index file/i, failure: 'work', wayOut: 'A file cannot be committed as it is: look at its name, at its encoding and at what .gitattributes demands of it.' },
  { pattern: /not our ref|unadvertised object|couldn't find remote ref|no such ref/i, failure: 'conflict', wayOut: 'The commit is not on the server (any more). Start the attempt again from the current head.' },
  { pattern: /GH001|exceeds .{0,40}file size limit|returned error: 413/i, failure: 'work', wayOut: 'The change is larger than the server takes. Ignore large files in .gitignore, or keep them outside the repository.' },
  { pattern: /GH013|push cannot contain secrets|secret scanning/i, failure: 'work', wayOut: 'The server found a secret in the change. Remove it from the files; it must also be replaced where it is used.' },
  { pattern: /certificate/i, failure: 'environment', wayOut: 'This worker does not trust the server’s certificate. Add the authority to the system’s certificates, or give its file in GIT_SSL_CAINFO.' },
  { pattern: /unable to update url base from redirection|returned error: 30[1278]/i, failure: 'environment', wayOut: 'The server answered with a redirect, which is not followed so that the token goes nowhere else. Was the repository renamed or moved? Use its present address.' },
  { pattern: /returned error: 429|rate limit/i, failure: 'network', wayOut: 'The server asked for a pause. Try again later.' },
  { pattern: /returned error: 5\d\d|internal server error/i, failure: 'network', wayOut: 'The server failed. Try again later.' },
  { pattern: /authentication failed|could not read (username|password)|returned error: 40[13]|permission to .{0,200} denied|access denied|write access to repository not granted|unauthorized/i, failure: 'permission', wayOut: 'The server refused the credentials. Does the app have access to this repository, with contents: write?' },
  { pattern: /refusing to update checked out branch|branch is currently checked out/i, failure: 'permission', wayOut: 'The branch is checked out in a worktree of yours. Switch that worktree to another branch and try again.' },
  { pattern: /protected branch|pre-receive hook declined|\(hook declined\)|refusing to allow|remote rejected/i, failure: 'permission', wayOut: 'The server refused the branch. Do rulesets or branch protection allow the app to push to mission branches?' },
  { pattern: /returned error: 404|repository .{0,300} not found|does not appear to be a git repository/i, failure: 'permission', wayOut: 'The repository was not found: it does not exist, or the app has no access to it. Install the app on it.' },
  { pattern: /stale info|fetch first|non-fast-forward|cannot lock ref|failed to lock|reference already exists/i, failure: 'conflict', wayOut: 'Somebody else moved the branch at the same time. Try the attempt again.' },
  { pattern: /could not resolve|couldn't connect|failed to connect|connection (was )?(refused|reset|timed out|closed)|operation (timed out|too slow)|timed out|unexpected disconnect|early eof|rpc failed|hung up|empty reply|gnutls|openssl|ssl|curl \d+|network is unreachable|bad band|protocol error|expected flush|invalid index-pack|transfer closed|unexpected eof|bad line length/i, failure: 'network', wayOut: 'The connection failed. Try again; when it stays so, look at the network, proxy and certificates of this worker.' },
  { pattern: /no space left|disk quota|read-only file system|cannot allocate memory|too many open files/i, failure: 'environment', wayOut: 'This worker has run out of disk, memory or files. Free some and retry.' },
];

/** Damage of a mirror: a new one helps. Everything else would fail the same way again. */
const DAMAGE = /not a git repository|bad object|missing (blob|tree|commit|object)|unable to (read|find|parse) [0-9a-z ]*|object file .{0,200} is empty|corrupt|inflate|packfile|pack .{0,300} (bad|truncated|too small|does not)|index file|bad tree object|invalid object|unparsable|did not send all necessary objects|failed to traverse parents|packed-refs|bad config|broken|loose object|not a valid object|could not parse|unable to create .{0,300}\.lock|cannot store|unable to read tree|not a tree/i;

/** Whether a failed git command looks like a damaged object store, as opposed to a refusal or a failing connection. */
export function looksDamaged(stderr: string): boolean {
  return DAMAGE.test(stderr);
}

/** The last lines of git's messages that say something, on one line. */
export function gitReason(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !/^(hint|remote: (counting|compressing|enumerating|total))/i.test(line));
  const text = lines.slice(-3).join(' / ');
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}

/** Git's words and the damage they point to, kept for the healing of mirrors. */
export class GitFailure extends StepError {
  readonly damaged: boolean;
  constructor(failure: FailureClass, message: string, damaged: boolean) {
    super(failure, message);
    this.damaged = damaged;
  }
}

/**
 * Turns a failed git command into a `StepError`: what was attempted, git's own reason (scrubbed), and the way out.
 * @param attempted a clause that continues "Could not …".
 * @param scrub removes the credentials in use and every known secret.
 */
export function gitFailure(attempted: string, result: GitResult, scrub: (text: string) => string): GitFailure {
  const rule = RULES.find((candidate) => candidate.pattern.test(result.stderr));
  const reason = scrub(gitReason(result.stderr)) || `git ended with ${result.exitCode === null ? 'a signal' : `code ${result.exitCode}`} and gave no reason`;
  // A failing connection also leaves half a pack behind: that is no reason to clone anew.
  const damaged = rule === undefined && looksDamaged(result.stderr);
  const wayOut = rule?.wayOut ?? 'Look at the worker’s log; the attempt can be retried.';
  return new GitFailure(rule?.failure ?? 'environment', `Could not ${attempted}: ${reason}. ${wayOut}`, damaged);
}
