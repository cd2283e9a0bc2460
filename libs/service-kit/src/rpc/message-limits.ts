/** Largest message of a call or an answer, alike at both ends: what one end sends the other must take. */
export const largestMessageBytes = 8 * 1024 * 1024;

/** The limits as options of a gRPC channel or server. */
export const messageLimits = {
  'grpc.max_receive_message_length': largestMessageBytes,
  'grpc.max_send_message_length': largestMessageBytes,
} as const;
