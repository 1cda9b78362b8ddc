// How the elements' comments are read into custom-elements.json; package.json is left alone.
// oxlint-disable-next-line import/no-default-export -- the analyzer reads the default export
export default {
  globs: ['widget/elements/**/*.element.ts'],
  litelement: true,
  packagejson: false,
  plugins: [
    {
      name: 'in-order',
      // The analyzer takes the files as the folders happen to be read, two at a time: now this one first, now that one.
      packageLinkPhase({ customElementsManifest }) {
        customElementsManifest.modules.sort((a, b) => (a.path < b.path ? -1 : 1));
      },
    },
  ],
};
