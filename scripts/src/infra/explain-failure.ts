/** What the person at the terminal is told: the message of a failure that was foreseen, the stack of another. */
export function explainFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const misspelt = 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  return misspelt || foreseen.has(error.name)
    ? `${error.name}: ${error.message}`
    : (error.stack ?? error.message);
}

const foreseen = new Set([
  'AddressesError',
  'InfraStateError',
  'MissingToolsError',
  'NoServersError',
  'NotReadyError',
  'ServerStartError',
  'ToolError',
]);
