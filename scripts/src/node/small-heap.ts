import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the heap close to what is in use: V8 would let it grow to several times that before it cleans up, because it
 * judges by the machine's memory. To be imported first, before anything fills the heap.
 */
setFlagsFromString('--heap-growing-percent=30');
setFlagsFromString('--max-semi-space-size=8');
setFlagsFromString('--semi-space-growth-factor=1');
