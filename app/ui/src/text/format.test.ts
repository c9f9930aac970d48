import { expect, test } from "vitest";
import { daysBetween, formatDay, formatNames, plural, usable } from ".";

const at = (day: number, hour: number) => new Date(2026, 10, day, hour).getTime();

test("days are those of the calendar, not of 24 hours", () => {
  expect(daysBetween(at(23, 23), at(24, 1))).toBe(1);
  expect(daysBetween(at(24, 0), at(24, 23))).toBe(0);
  // The clocks may have changed in between.
  expect(daysBetween(new Date(2026, 2, 1).getTime(), new Date(2026, 3, 1).getTime())).toBe(31);
});

test("a day is named as one would", () => {
  expect(formatDay(at(24, 1), at(24, 23))).toBe("Today");
  expect(formatDay(at(23, 23), at(24, 1))).toBe("Yesterday");
  expect(formatDay(at(20, 12), at(24, 12))).toBe("Friday");
  expect(formatDay(at(1, 12), at(24, 12))).toContain("November");
});

test("plurals and lists", () => {
  expect(plural(1, "# day", "# days")).toBe("1 day");
  expect(plural(0, "# day", "# days")).toBe("0 days");
  expect(plural(1_234, "# day", "# days")).toBe("1,234 days");
  expect(formatNames(["Ada", "Bo", "Cy"])).toBe("Ada, Bo, and Cy");
});

test("a system's locale that is no language tag does not keep the app from starting", () => {
  expect(["C", "", "de_AT.UTF-8"].map(usable)).toEqual(["en", "en", "en"]);
  expect(["de_AT", "pt-BR", "zh-hans-cn"].map(usable)).toEqual(["de-AT", "pt-BR", "zh-Hans-CN"]);
});
