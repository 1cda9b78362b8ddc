// Every state of what is unfinished: accessible, and nothing to press too small.
import { areAccessible } from '../support/states/accessible.js';
import { UNFINISHED } from '../support/states/unfinished.js';

areAccessible(UNFINISHED);
