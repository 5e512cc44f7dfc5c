/** A whole number as people read it: 1,234. */
export function inNumbers(number: number): string {
  return number.toLocaleString('en');
}

/** `1 test`, `2 tests`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${inNumbers(number)} ${number === 1 ? one : many}`;
}

/** A share in per cent, rounded down so that 99.96 % is not told as 100. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${Math.floor((part / whole) * 1000) / 10} %`;
}
