import { catalogue } from '@unionfold/contracts';
import { createRedactor, redactText } from '@unionfold/privacy';
import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';

/** Structured log on standard error. Texts and fields hold pseudonyms only; what slips in is taken out. */
export type Logger = PinoLogger;

const redact = createRedactor([
  ...[...catalogue.values()].flatMap(({ personal }) => personal.map(({ field }) => field)),
  'authorization',
  'cookie',
  'token',
]);

/**
 * A logger that hides the values of personal fields, by their names in the contracts, and masks citizen and mobile
 * numbers in texts. Errors are written with their causes, all redacted alike.
 *
 * @param level pino's level names, or `silent`
 * @param destination where the lines go; default standard error
 */
export function createLogger(
  level: string,
  destination: DestinationStream = pino.destination({ dest: 2, sync: false }),
): Logger {
  return pino(
    {
      level,
      base: null,
      formatters: { log: (fields) => redact(fields) as Record<string, unknown> },
      // The redactor has made a plain object of it, which pino's own serializer would spoil.
      serializers: { err: (error: unknown) => error },
      hooks: {
        logMethod(input, method) {
          const [first, ...rest] = input as unknown[];
          // pino takes the message of a lone error for the line's, after all that could redact it.
          const args =
            first instanceof Error && rest.length === 0
              ? [{ err: first }, redactText(first.message)]
              : [first, ...rest].map((one) => (typeof one === 'string' ? redactText(one) : one));
          method.apply(this, args as Parameters<typeof method>);
        },
      },
    },
    destination,
  );
}
