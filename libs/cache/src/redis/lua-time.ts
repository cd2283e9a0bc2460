/** Begins a script: `now`, the server's clock in whole microseconds since 1970. */
export const microsecondsNow = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])`;
