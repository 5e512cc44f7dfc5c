import type { Json, JsonObject } from '../kit/json.ts';
import type { Clock } from '../kit/time.ts';

/** What steps reach beyond their workspace, each behind a port that the worker fills. Null: not configured on this worker. */
export interface Outside {
  readonly clock: Clock;
  readonly network: Network;
  readonly secrets: Secrets;
  readonly model: ModelClient | null;
  readonly tools: ToolServers;
  readonly databases: Databases;
  readonly notices: Notices;
}

/** HTTP and TCP towards addresses the worker's policy allows; everything else is a `StepError` of class `permission`. */
export interface Network {
  /** Redirects are followed, each checked anew; credentials never go to another host. */
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** Resolves once a connection stood; it is closed at once. */
  connect(target: { readonly host: string; readonly port: number; readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<void>;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Headers whose values are secrets: dropped when a redirect leads to another origin. */
  readonly secretHeaders?: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly maximumBytes: number;
  readonly maximumRedirects: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Where the answer came from, after redirects. */
  readonly url: string;
}

/** Secrets the operator named for the hosts they belong to. */
export interface Secrets {
  /** The value of a secret for a URL, or why there is none: unknown names and other hosts are refused in words. */
  forUrl(name: string, url: string): { readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: string };
}

/** A chat model. */
export interface ModelClient {
  complete(request: ModelRequest): Promise<ModelAnswer>;
}

export interface ModelRequest {
  /** Null: the worker's default. */
  readonly model: string | null;
  readonly system: string | null;
  readonly prompt: string;
  readonly maximumTokens: number | null;
  readonly temperature: number | null;
  /** JSON Schema the answer should follow; the caller checks it besides. */
  readonly schema: JsonObject | null;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface ModelAnswer {
  readonly text: string;
  /** The model that answered, as the server names it. */
  readonly model: string;
  readonly finishReason: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** MCP servers of the worker's configuration, by name. */
export interface ToolServers {
  names(): readonly string[];
  call(request: { readonly server: string; readonly tool: string; readonly arguments: JsonObject; readonly maximumBytes: number; readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<ToolAnswer>;
}

export interface ToolAnswer {
  readonly isError: boolean;
  readonly text: string;
  readonly structured: Json;
}

/** Databases of the worker's configuration, by name. */
export interface Databases {
  names(): readonly string[];
  query(request: SqlRequest): Promise<SqlAnswer>;
}

export interface SqlRequest {
  readonly connection: string;
  readonly text: string;
  /** Bound, never put into the text. */
  readonly values: readonly Json[];
  /** False: in a transaction that can only read. */
  readonly write: boolean;
  readonly maximumRows: number;
  readonly maximumBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface SqlAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly JsonObject[];
  /** Rows were left out because of a limit. */
  readonly truncated: boolean;
  /** Rows that were changed, or null when the server did not say. */
  readonly affected: number | null;
}

export interface Notices {
  /** A line in the worker's log. */
  log(message: string, facts: JsonObject): void;
}
