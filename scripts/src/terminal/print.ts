/** A line for the person at the terminal; logs go elsewhere. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
