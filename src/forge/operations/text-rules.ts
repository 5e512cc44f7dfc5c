import { BODY_MAX_CHARACTERS, TITLE_MAX_CHARACTERS } from '../model/limits.ts';
import { validationFailed } from '../rest/problem.ts';

/** Length as GitHub counts it: code points, so that an emoji is one. */
export function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Length in bytes of UTF-8, which is what check output is measured in. */
export function bytes(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

export function checkTitle(resource: string, title: string | undefined): string {
  if (title === undefined || title.trim() === '') throw validationFailed({ resource, field: 'title', code: 'missing_field' });
  if (characters(title) > TITLE_MAX_CHARACTERS) {
    throw validationFailed({ resource, field: 'title', code: 'custom', message: `title is too long (maximum is ${TITLE_MAX_CHARACTERS} characters)` });
  }
  return title;
}

export function checkBody(resource: string, body: string | null): string | null {
  if (body !== null && characters(body) > BODY_MAX_CHARACTERS) {
    throw validationFailed({ resource, field: 'body', code: 'custom', message: `body is too long (maximum is ${BODY_MAX_CHARACTERS} characters)` });
  }
  return body;
}

/** A comment or review body that must say something. */
export function checkFilledBody(resource: string, body: string | undefined): string {
  if (body === undefined || body.trim() === '') {
    throw validationFailed({ resource, field: 'data', code: 'unprocessable', message: 'Body cannot be blank' });
  }
  checkBody(resource, body);
  return body;
}
