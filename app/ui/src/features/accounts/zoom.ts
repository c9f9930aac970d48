/** The steps of the zoom, as browsers have them. */
const ZOOMS = [0.5, 0.67, 0.75, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3];

/** The next step of the zoom in a direction; the same at the end. */
export function nextZoom(zoom: number, direction: 1 | -1): number {
  const further = ZOOMS.filter((step) => (direction > 0 ? step > zoom + 0.001 : step < zoom - 0.001));
  return (direction > 0 ? further[0] : further.at(-1)) ?? zoom;
}
