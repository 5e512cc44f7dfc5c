import type { FileChange } from '../git/diff.ts';
import { html } from '../../kit/html.ts';
import type { Html } from '../../kit/html.ts';

/** Changed files with their patches. */
export function diffView(files: readonly FileChange[]): Html {
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return html`<p class="dim">${files.length} files changed, +${additions} −${deletions}</p>${files.map(
    (file) => html`<div class="box-list"><div class="head"><code>${file.previousPath !== null && `${file.previousPath} → `}${file.path}</code> <span class="dim">${file.status} +${file.additions} −${file.deletions}</span></div>
<div class="diff">${file.patch === null ? html`<span class="dim">No text to show.</span>` : html`<pre>${file.patch.split('\n').map(line)}</pre>`}</div></div>`,
  )}`;
}

function line(text: string): Html {
  const kind = text.startsWith('+') ? 'add' : text.startsWith('-') ? 'del' : text.startsWith('@@') ? 'hunk' : '';
  return html`<span class="${kind}">${text}</span>`;
}
