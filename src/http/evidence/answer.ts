/** What is sent for a page or a file. */
export interface Answer {
  /** 200 when absent. */
  readonly status?: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}
