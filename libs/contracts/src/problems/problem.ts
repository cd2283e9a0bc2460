/** Languages in which problems are told. */
export type Locale = 'zh' | 'en';

/** One text in every language. `{name}` stands for a parameter, never for something personal. */
export type LocalizedText = Readonly<Record<Locale, string>>;

/** One way in which a request or command can fail. */
export interface ProblemDefinition {
  /** HTTP status (RFC 9110). */
  readonly http: number;
  /** gRPC status code. */
  readonly grpc: number;
  /** What kind of problem it is; the same for every occurrence (RFC 9457). */
  readonly title: LocalizedText;
  /** What happened this time. */
  readonly detail: LocalizedText;
  /** What the caller can do about it. */
  readonly remedy: LocalizedText;
}

/** gRPC's status codes, here so that reading the registry does not load gRPC. */
export const grpcStatus = {
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;
