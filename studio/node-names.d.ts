// Names of Node that shared sources ask for before they use them: a page has none of them.

declare const setImmediate: ((run: () => void) => void) | undefined;
