/** Where the tests' MongoDB answers. */
export function mongodbUri(): string {
  return required('MONGODB_URI');
}

/** Where the tests' Kafka answers. */
export function kafkaBrokers(): string[] {
  return required('KAFKA_BROKERS').split(',');
}

function required(variable: string): string {
  const value = process.env[variable];
  if (value === undefined) throw new Error(`${variable} is not set: run npm run test:distributed`);
  return value;
}
