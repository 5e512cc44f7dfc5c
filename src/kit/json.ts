/** A value that survives JSON without loss: what events, evidence and job payloads are made of. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** True for a plain object (not null, not an array): the only shape in which named fields may be looked up. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
