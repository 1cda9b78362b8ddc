// Nothing moves without a line, oldest first.
import { nothingMoves } from '../../support/unmoved.js';

nothingMoves([
  [320, '100%', ''],
  [320, '200%', ''],
  [900, '100%', ''],
]);
