import { extname } from 'node:path';

import type { JsonObject } from '../kit/json.ts';
import { pathSchema } from './schema-parts.ts';
import { StepError, type Artifact, type Workspace } from './step-type.ts';

export const reportsSchema: JsonObject = {
  type: 'array',
  maxItems: 50,
  uniqueItems: true,
  items: pathSchema,
  description: 'Files that the program writes and that are kept as evidence: test results, coverage, SARIF. Removed before the run, so that an old one is not taken for a new one; one that is missing afterwards fails the task.',
};

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.json': 'application/json', '.sarif': 'application/sarif+json', '.xml': 'application/xml', '.html': 'text/html', '.info': 'text/x-lcov', '.tap': 'text/x-tap', '.md': 'text/markdown', '.csv': 'text/csv',
};

/** Removes reports of earlier runs, so that an old one is not taken for a new one. */
export async function removeOldReports(workspace: Workspace, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    try {
      await workspace.readFile(path);
    } catch {
      // Not there, or not readable: then `collectReports` says so.
      continue;
    }
    await workspace.removeFile(path);
  }
}

/** Reads the reports a program wrote; names those that are missing. */
export async function collectReports(workspace: Workspace, paths: readonly string[]): Promise<{ artifacts: Artifact[]; missing: string[] }> {
  const artifacts: Artifact[] = [];
  const missing: string[] = [];
  for (const path of paths) {
    try {
      artifacts.push({ name: path, mediaType: MEDIA_TYPES[extname(path).toLowerCase()] ?? 'text/plain', text: await workspace.readFile(path) });
    } catch (error) {
      if (!(error instanceof StepError && error.failure === 'input')) throw error;
      missing.push(path);
    }
  }
  return { artifacts, missing };
}
