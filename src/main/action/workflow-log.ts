import { randomUUID } from 'node:crypto';

import * as core from '@actions/core';

import type { CheckAnnotation } from '../../github/messages/annotations.ts';

/** A message at a line of a file; without a file it stands at the head of the run. */
export interface Annotation {
  readonly level: CheckAnnotation['annotation_level'];
  readonly title: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly endLine?: number;
  readonly column?: number;
  readonly endColumn?: number;
}

/** The log of a step. */
export interface WorkflowLog {
  /** Any text of anybody: none of it is ever a command to the runner. */
  line(text: string): void;
  /** Folds the lines up to the next group or `endGroup`. */
  group(title: string): void;
  endGroup(): void;
  annotate(annotation: Annotation): void;
  /** From now on the runner shows asterisks in its place. */
  mask(secret: string): void;
  /** The runner listens again. */
  close(): void;
}

/**
 * Everything that people, programs and agents wrote reaches the runner while it listens to no commands (`stop-commands`); it listens for
 * the moment of a command of ours, under a token that nobody can guess. So also the message of a crash is only text.
 */
export function openWorkflowLog(): WorkflowLog {
  const token = randomUUID();
  const write = (text: string) => void process.stdout.write(text);
  let grouped = false;
  const stop = () => write(`::stop-commands::${token}\n`);
  const spoken = (command: () => void) => {
    write(`::${token}::\n`);
    command();
    stop();
  };
  const endGroup = () => {
    if (grouped) spoken(() => core.endGroup());
    grouped = false;
  };
  stop();
  return {
    line: (text) => write(`${text}\n`),
    group(title) {
      endGroup();
      grouped = true;
      spoken(() => core.startGroup(title.replaceAll(/\s+/g, ' ')));
    },
    endGroup,
    annotate({ level, title, message, file, line, endLine, column, endColumn }) {
      const properties = { title, ...(file === undefined ? {} : { file, startLine: line, endLine, startColumn: column, endColumn }) };
      spoken(() => ({ failure: core.error, warning: core.warning, notice: core.notice })[level](message, properties));
    },
    mask: (secret) => spoken(() => core.setSecret(secret)),
    close() {
      endGroup();
      write(`::${token}::\n`);
    },
  };
}
