const idShape = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/;

/** Whether a text can be the id of a union, member, case …: 1 to 64 letters, digits and inner hyphens. */
export function isValidId(text: string): boolean {
  return idShape.test(text);
}
