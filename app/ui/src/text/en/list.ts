/** The texts of list. */
export const list = {};
