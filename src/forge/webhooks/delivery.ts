import type { Millis } from '../../kit/time.ts';
import type { App } from '../model/records.ts';

/** One try to hand a delivery over. Redeliveries are further attempts of the same delivery, with the same GUID. */
export interface DeliveryAttempt {
  readonly id: number;
  readonly deliveredAt: Millis;
  readonly redelivery: boolean;
  readonly durationSeconds: number;
  /** 0 when there was no answer. */
  readonly statusCode: number;
  /** `OK`, the reason phrase, `timed out` or `failed to connect to host`. */
  readonly status: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly responseBody: string;
}

/** Something an App is told about once, however often it is sent. */
export interface Delivery {
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly app: App;
  readonly installationId: number | null;
  readonly repositoryId: number | null;
  readonly payload: Readonly<Record<string, unknown>>;
  /** The exact bytes that are signed and sent. */
  readonly raw: Buffer;
  readonly attempts: DeliveryAttempt[];
}
