/** The texts of status. */
export const status = {};
