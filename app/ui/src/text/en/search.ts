/** The texts of search. */
export const search = {};
