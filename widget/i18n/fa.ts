import { READING } from './en.js';
import { WRITING } from './en-writing.js';
export const CATALOGUE = { ...READING, ...WRITING };
