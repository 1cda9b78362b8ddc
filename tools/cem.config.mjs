// How the elements' comments are read into custom-elements.json; package.json is left alone.
// oxlint-disable-next-line import/no-default-export -- the analyzer reads the default export
export default {
  globs: ['widget/elements/**/*.element.ts'],
  litelement: true,
  packagejson: false,
};
