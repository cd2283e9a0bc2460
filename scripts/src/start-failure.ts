/**
 * Why the platform did not start, for the person at the terminal: the message with what to do for failures that were
 * foreseen, the stack for others.
 */
export function explainStartFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE') {
    return `${error.message}\n端口被占用,请用 PORT=… 换一个 | the port is taken: choose another with PORT=…`;
  }
  return foreseen.has(error.name)
    ? `${error.name}: ${error.message}`
    : (error.stack ?? error.message);
}

const foreseen = new Set([
  'SettingsError',
  'DataFolderError',
  'StoreCorruptError',
  'MasterKeyError',
]);
