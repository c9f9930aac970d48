/**
 * The keyboard of a phone. Where the system lays it over the page instead of making the page smaller (WebKit on iOS),
 * only the visual viewport tells; `--keyboard` is then how much it covers, and the page ends above it.
 */

/** Follows the keyboard for as long as the page lives. */
export function followKeyboard(): void {
  const viewport = window.visualViewport;
  if (viewport === null) return;
  const follow = (): void => {
    // A page that is zoomed in shows less of itself too; that is no keyboard.
    const covered = viewport.scale > 1.01 ? 0 : Math.max(0, Math.round(window.innerHeight - viewport.height));
    const { style, dataset } = document.documentElement;
    style.setProperty("--keyboard", `${covered}px`);
    if (covered > 0) {
      dataset.keyboard = "";
      // The system scrolls the page to bring the field into sight, which it is already.
      window.scrollTo(0, 0);
    } else delete dataset.keyboard;
  };
  viewport.addEventListener("resize", follow);
  viewport.addEventListener("scroll", follow);
  follow();
}
