import {
  ACTION_DESCRIPTION_MAX,
  ACTION_IDENTIFIER_MAX,
  ACTION_LABEL_MAX,
  ACTIONS_PER_RUN,
  ANNOTATION_TEXT_MAX_BYTES,
  ANNOTATION_TITLE_MAX_CHARACTERS,
  ANNOTATIONS_PER_REQUEST,
  CHECK_TEXT_MAX_BYTES,
  CHECK_TITLE_MAX_CHARACTERS,
} from '../model/limits.ts';
import type { Annotation, CheckAction } from '../model/records.ts';
import type { CheckFields, CheckOutput } from '../operations/checks.ts';
import { bytes, characters } from '../operations/text-rules.ts';
import type { BodyReader } from '../rest/body-reader.ts';
import { invalidRequest, Problem } from '../rest/problem.ts';

const STATUSES = ['queued', 'in_progress', 'completed'] as const;
// `stale` is missing on purpose: only GitHub sets it.
const CONCLUSIONS = ['action_required', 'cancelled', 'failure', 'neutral', 'success', 'skipped', 'timed_out'] as const;
const LEVELS = ['notice', 'warning', 'failure'] as const;

function tooLarge(field: string, maximum: number): Problem {
  return new Problem(422, `Invalid request.\n\n${field} exceeds a maximum bytesize of ${maximum}.`);
}

/** Reads the fields that creating and updating a check run share, with every limit GitHub sets. */
export function readCheckFields(body: BodyReader): CheckFields {
  const status = body.oneOf('status', STATUSES);
  const conclusion = body.oneOf('conclusion', CONCLUSIONS);
  if (status === 'completed' && conclusion === undefined) throw invalidRequest('"conclusion" wasn\'t supplied.');
  const output = body.object('output');
  const completedAt = readInstant(body, 'completed_at');
  if (completedAt !== undefined && conclusion === undefined) throw invalidRequest('"conclusion" wasn\'t supplied.');
  return {
    externalId: body.text('external_id'),
    detailsUrl: readUrl(body, 'details_url'),
    status,
    conclusion,
    startedAt: readInstant(body, 'started_at'),
    completedAt,
    output: output === undefined ? undefined : readOutput(output),
    actions: readActions(body),
  };
}

function readInstant(body: BodyReader, name: string): number | undefined {
  const text = body.text(name);
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw invalidRequest(`${JSON.stringify(text)} is not a valid date-time.`);
  return at;
}

function readUrl(body: BodyReader, name: string): string | undefined {
  const text = body.text(name);
  if (text !== undefined && !/^https?:\/\/\S+$/.test(text)) throw new Problem(422, 'Validation Failed', { errors: ['Details url must use http or https scheme'] });
  return text;
}

function readOutput(output: BodyReader): CheckOutput {
  const title = output.text('title') ?? null;
  const summary = output.requiredText('summary');
  const text = output.text('text');
  if (title !== null && characters(title) > CHECK_TITLE_MAX_CHARACTERS) throw invalidRequest(`title is too long (maximum is ${CHECK_TITLE_MAX_CHARACTERS} characters).`);
  if (bytes(summary) > CHECK_TEXT_MAX_BYTES) throw tooLarge('summary', CHECK_TEXT_MAX_BYTES);
  if (text !== undefined && bytes(text) > CHECK_TEXT_MAX_BYTES) throw tooLarge('text', CHECK_TEXT_MAX_BYTES);
  const annotations = output.objects('annotations') ?? [];
  if (annotations.length > ANNOTATIONS_PER_REQUEST) {
    throw invalidRequest(`No more than ${ANNOTATIONS_PER_REQUEST} items are allowed; ${annotations.length} were supplied.`);
  }
  return { title, summary, text, annotations: annotations.map(readAnnotation) };
}

function readAnnotation(given: BodyReader): Annotation {
  const level = given.oneOf('annotation_level', LEVELS);
  if (level === undefined) throw invalidRequest('"annotation_level" wasn\'t supplied.');
  const annotation: Annotation = {
    path: given.requiredText('path'),
    startLine: given.requiredInteger('start_line'),
    endLine: given.requiredInteger('end_line'),
    startColumn: given.integer('start_column') ?? null,
    endColumn: given.integer('end_column') ?? null,
    level,
    message: given.requiredText('message'),
    title: given.text('title') ?? null,
    rawDetails: given.text('raw_details') ?? null,
  };
  if (annotation.startLine < 1) throw invalidRequest('start_line must be 1 or more.');
  if (annotation.endLine < annotation.startLine) throw invalidRequest('end_line must not be before start_line.');
  if (annotation.startLine !== annotation.endLine && (annotation.startColumn !== null || annotation.endColumn !== null)) {
    throw invalidRequest('Columns are only allowed when start_line and end_line are the same.');
  }
  if (bytes(annotation.message) > ANNOTATION_TEXT_MAX_BYTES) throw tooLarge('message', ANNOTATION_TEXT_MAX_BYTES);
  if (annotation.rawDetails !== null && bytes(annotation.rawDetails) > ANNOTATION_TEXT_MAX_BYTES) throw tooLarge('raw_details', ANNOTATION_TEXT_MAX_BYTES);
  if (annotation.title !== null && characters(annotation.title) > ANNOTATION_TITLE_MAX_CHARACTERS) {
    throw invalidRequest(`title is too long (maximum is ${ANNOTATION_TITLE_MAX_CHARACTERS} characters).`);
  }
  return annotation;
}

function readActions(body: BodyReader): CheckAction[] | undefined {
  const actions = body.objects('actions');
  if (actions === undefined) return undefined;
  if (actions.length > ACTIONS_PER_RUN) throw invalidRequest(`No more than ${ACTIONS_PER_RUN} items are allowed; ${actions.length} were supplied.`);
  return actions.map((action) => ({
    label: limited(action, 'label', ACTION_LABEL_MAX),
    description: limited(action, 'description', ACTION_DESCRIPTION_MAX),
    identifier: limited(action, 'identifier', ACTION_IDENTIFIER_MAX),
  }));
}

function limited(action: BodyReader, name: string, maximum: number): string {
  const text = action.requiredText(name);
  if (characters(text) > maximum) throw invalidRequest(`${JSON.stringify(text)} is too long: ${name} has a maximum length of ${maximum}.`);
  return text;
}
