// Nothing moves without a line, newest first.
import { nothingMoves } from '../../support/unmoved.js';

nothingMoves([
  [320, '100%', 'newest'],
  [320, '200%', 'newest'],
  [1280, '100%', 'newest'],
]);
