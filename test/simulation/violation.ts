/** Something that must never be true was. */
export class Violation extends Error {
  override readonly name = 'Violation';
}
