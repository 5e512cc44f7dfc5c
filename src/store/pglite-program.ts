import { existsSync, readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';

import type { PGliteOptions } from '@electric-sql/pglite';

/** What PGlite otherwise reads from its package. */
type PgliteProgram = Pick<PGliteOptions, 'pgliteWasmModule' | 'initdbWasmModule' | 'fsBundle'>;

/**
 * PGlite's own files where they lie compressed beside this program, as in the bundle of the Action: there is no package to read them from, and as
 * they are they would be 15 MB. Empty elsewhere: PGlite finds them by itself.
 */
export function bundledProgram(): PgliteProgram {
  const wasm = fileBeside('pglite.wasm.br');
  const initdb = fileBeside('initdb.wasm.br');
  const data = fileBeside('pglite.data.br');
  if (wasm === null || initdb === null || data === null) return {};
  return { pgliteWasmModule: new WebAssembly.Module(wasm), initdbWasmModule: new WebAssembly.Module(initdb), fsBundle: new Blob([data]) };
}

function fileBeside(name: string): Uint8Array<ArrayBuffer> | null {
  const file = new URL(`./${name}`, import.meta.url);
  return existsSync(file) ? new Uint8Array(brotliDecompressSync(readFileSync(file))) : null;
}
