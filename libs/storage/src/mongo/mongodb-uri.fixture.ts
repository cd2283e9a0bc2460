/** Where the tests' MongoDB answers. */
export function mongodbUri(): string {
  const uri = process.env['MONGODB_URI'];
  if (uri === undefined) throw new Error('MONGODB_URI is not set: run npm run test:distributed');
  return uri;
}
