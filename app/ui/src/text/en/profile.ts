/** The texts of profile. */
export const profile = {};
