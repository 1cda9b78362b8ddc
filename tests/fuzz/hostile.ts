// What may stand where a value is expected: texts, numbers and shapes that have broken servers before, and noise.
import fc from 'fast-check';

export const text = fc.oneof(
  { weight: 3, arbitrary: fc.string() },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '',
      ' ',
      '\u0000',
      '\ud800',
      '\udc00x',
      '\u202e\u2066',
      '\u200b',
      '\ufeff',
      '__proto__',
      'constructor',
      'toString',
      '*a*',
      '[a]: b',
      '[x](javascript:alert(1))',
      '<img src=x onerror=alert(1)>',
      '</script><script>alert(1)</script>',
      "'; drop table replies; --",
      '%00%0d%0a',
      '\r\nset-cookie: a=b',
      '../../../../etc/passwd',
      '${jndi:ldap://x}',
      '{{7*7}}',
      '👨‍👩‍👧‍👦'.repeat(50),
      'a\u0301'.repeat(300),
      'a'.repeat(10_001),
      '> '.repeat(500),
      '*'.repeat(2_000),
      '['.repeat(2_000),
      '`'.repeat(3_000),
      '- '.repeat(1_000),
      '<!--'.repeat(500),
      '&#x41;'.repeat(500),
      'http://a.'.repeat(400),
    ),
  },
);

export const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -0, 1, -1, 20, 50, 51, 1e300, 2 ** 31, 2 ** 31 - 1, Number.MAX_SAFE_INTEGER, 2 ** 53, 1e-9),
);

/** So deep that whatever recurses would have to end. */
const deep = fc.integer({ min: 1, max: 3_000 }).map((depth) => {
  let value: unknown = 1;
  for (let n = 0; n < depth; n++) value = n % 2 ? [value] : { a: value };
  return value;
});

/** An own key of this name, as only JSON makes it. */
const polluting = fc
  .constantFrom('__proto__', 'constructor', 'prototype')
  .map((name): unknown => JSON.parse(`{"${name}":{"isAdmin":true,"toString":1}}`));

export const anything: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 6, arbitrary: text },
  { weight: 4, arbitrary: number },
  { weight: 4, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [[]]) },
  { weight: 1, arbitrary: polluting },
  { weight: 1, arbitrary: deep },
  { weight: 1, arbitrary: fc.constant({ _placeholder: true, num: 0 }) },
);
