// Every state of reading: accessible, and nothing to press too small.
import { areAccessible } from '../support/states/accessible.js';
import { READING } from '../support/states/reading.js';

areAccessible(READING);
