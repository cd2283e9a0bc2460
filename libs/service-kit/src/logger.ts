import { type Logger as PinoLogger, pino } from 'pino';

/** Structured log on standard error. Texts and fields hold pseudonyms only; see `redaction`. */
export type Logger = PinoLogger;

/** Fields that could tell a person, should somebody log a whole object by mistake. */
const redaction = {
  paths: ['name', 'citizenNumber', 'mobile', 'birthDate', 'statement', 'authorization'].flatMap(
    (field) => [field, `*.${field}`, `*.*.${field}`],
  ),
  censor: '[personal]',
};

/**
 * @param level pino's level names, or `silent`
 */
export function createLogger(level: string): Logger {
  return pino({ level, base: null, redact: redaction }, pino.destination({ dest: 2, sync: false }));
}
