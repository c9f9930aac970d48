/** The texts of group. */
export const group = {};
