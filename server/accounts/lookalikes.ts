// Owns the table of characters that pass for a Latin letter, chosen by eye from the scripts and styles people forge names
// with. Compatibility forms (fullwidth, mathematical, circled...) are not in it: NFKD takes care of them.

/**
 * Letter or letters, then what looks like it. Case matters: a Greek `ν` looks like a v, its capital like an N. Marks are
 * stripped before this is asked. `l`, `i`, `1` and `|` are one letter here.
 */
const TABLE: readonly (readonly [letters: string, lookalikes: string])[] = [
  ['a', '4@ΑАᎪꓮᴀαаɑ∂Λꭺ'],
  ['b', '8ΒВᏴꓐʙьЬвßɓъƅ'],
  ['c', 'СϹᏟꓚᴄсϲⲥ¢©ⅽↄ'],
  ['d', 'ᎠꓓᴅԁÐðĐđɗժⅾ'],
  ['e', '3ΕЕᎬꓰᴇеεєЄɛ€℮ҽəэ'],
  ['f', 'Ϝꓝꜰƒſϝք'],
  ['g', '9ᏀꓖɢɡցƍԌ'],
  ['h', 'ΗНᎻꓧʜһհнђћҺ'],
  ['l', '1iIlL|!ΙІӀᏆꓲꓡᏞɪʟιіıɩⅼ∣ǀłŁⵏו׀ƖℹЇїјᎥꭵ'],
  ['j', 'ЈᎫꓙᴊȷϳʝյ'],
  ['k', 'ΚКᏦꓗᴋκкқҚƙĸ'],
  ['m', 'ΜМᎷꓟᴍмⅿɱ'],
  ['n', 'ΝꓠɴηпոռИиήɲ'],
  ['o', '0ΟОꓳᴏοоօσסೲøØθΘ○〇◯ⲟσө'],
  ['p', 'ΡРᏢꓑᴘρрքþÞⲣ'],
  ['q', 'ԛգզԚꞯ'],
  ['r', 'ᎡᏒꓣʀгɾɼЯя'],
  ['s', '5$ЅᏚꓢꜱѕƽʂՏ§'],
  ['t', '7ΤТᎢꓔᴛτт†ŧŦҬƭ'],
  ['u', 'ꓴᴜυսцμՍʋ'],
  ['v', 'ᏙꓦᴠνѵѴⅴ√'],
  ['w', 'ᎳꓪᴡωшщѡԝԜɯ'],
  ['x', 'ΧХꓫхχⅹ×ҳ'],
  ['y', 'ΥУҮꓬʏуγүУɣყ'],
  ['z', '2ΖᏃꓜᴢζʐƶƵ'],
  ['ae', 'æÆӕ'],
  ['oe', 'œŒ'],
];

/** Rows of 26 symbols in the order of the alphabet that NFKD leaves alone: negative circled, negative squared, flags. */
const ALPHABETS: readonly number[] = [0x1f150, 0x1f170, 0x1f1e6];

/** With the `l` of this table for the `i`. */
const LETTERS = 'abcdefghljklmnopqrstuvwxyz';

export const LOOKALIKES: ReadonlyMap<string, string> = new Map([
  ...TABLE.flatMap(([letters, lookalikes]) => Array.from(lookalikes, (sign): [string, string] => [sign, letters])),
  ...ALPHABETS.flatMap((first) =>
    Array.from(LETTERS, (letter, i): [string, string] => [String.fromCodePoint(first + i), letter]),
  ),
]);
