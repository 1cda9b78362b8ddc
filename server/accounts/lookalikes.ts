// Owns the table of characters that pass for a Latin letter, chosen by eye from the scripts and styles people forge names
// with. Compatibility forms (fullwidth, mathematical, circled...) are not in it: NFKD takes care of them.

/**
 * Letter or letters, then what looks like it. Case matters: a Greek `ν` looks like a v, its capital like an N. Marks are
 * stripped before this is asked. `l`, `i`, `1` and `|` are one letter here.
 */
const TABLE: readonly (readonly [letters: string, lookalikes: string])[] = [
  ['a', 'ᗩ₳ค4@ΑАᎪꓮᴀαаɑ∂Λꭺ'],
  ['b', 'ᗷ₿8ΒВᏴꓐʙьЬвßɓъƅ'],
  ['c', 'ᑕ₵СϹᏟꓚᴄсϲⲥ¢©ⅽↄ'],
  ['d', 'ᗪ₫๔ᎠꓓᴅԁÐðĐđɗժⅾ'],
  ['e', 'ᗴ3ΕЕᎬꓰᴇеεєЄɛ€℮ҽəэ'],
  ['f', 'ᖴ₣Ϝꓝꜰƒſϝք'],
  ['g', '₲9ᏀꓖɢɡցƍԌ'],
  ['h', 'ᕼΗНᎻꓧʜһհнђћҺ'],
  ['l', 'ᒪเ1iIlL|!ΙІӀᏆꓲꓡᏞɪʟιіıɩⅼ∣ǀłŁⵏו׀ƖℹЇїјᎥꭵ'],
  ['j', 'ᒍЈᎫꓙᴊȷϳʝյ'],
  ['k', 'ΚКᏦꓗᴋκкқҚƙĸ'],
  ['m', 'ᗰ₥๓ΜМᎷꓟᴍмⅿɱ'],
  ['n', 'ᑎ₦ภΝꓠɴηпոռИиήɲ'],
  ['o', '๏0ΟОꓳᴏοоօσסೲøØθΘ○〇◯ⲟσө'],
  ['p', 'ᑭ₱ΡРᏢꓑᴘρрքþÞⲣ'],
  ['q', 'ԛգզԚꞯ'],
  ['r', 'ᖇᎡᏒꓣʀгɾɼЯя'],
  ['s', 'ꮪ₴ร5$ЅᏚꓢꜱѕƽʂՏ§'],
  ['t', '₮7ΤТᎢꓔᴛτт†ŧŦҬƭ'],
  ['u', 'ᑌꓴᴜυսцμՍʋ'],
  ['v', 'ᐯᏙꓦᴠνѵѴⅴ√'],
  ['w', 'ᗯ₩ᎳꓪᴡωшщѡԝԜɯ'],
  ['x', '᙭ΧХꓫхχⅹ×ҳ'],
  ['y', '¥ΥУҮꓬʏуγүУɣყ'],
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
