import type { Reply } from '../rest/router.ts';

/** A refusal in GraphQL's shape: the status is 200, the body says what is wrong. */
export function failure(type: string | null, message: string, path?: string): Reply {
  const error = { ...(type === null ? {} : { type }), message, ...(path === undefined ? {} : { path: [path], locations: [{ line: 1, column: 1 }] }) };
  return { status: 200, body: { ...(path === undefined ? {} : { data: { [path]: null } }), errors: [error] } };
}
