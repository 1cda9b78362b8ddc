// Every state of writing: accessible, and nothing to press too small.
import { areAccessible } from '../support/states/accessible.js';
import { WRITING } from '../support/states/writing.js';

areAccessible(WRITING);
