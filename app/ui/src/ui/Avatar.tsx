import type { ReactElement } from "react";
import styles from "./Avatar.module.css";
import { cx } from "./cx";
import { Icon, type IconName } from "./Icon";

const HUES = 8;

/** One of eight colours, the same for an id everywhere. */
export function hueOf(id: string): number {
  // FNV-1a. Ids differ in a few signs only, and its upper bits are the better mixed ones.
  let hash = 0x811c9dc5;
  for (let place = 0; place < id.length; place += 1) hash = Math.imul(hash ^ id.charCodeAt(place), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 8) % HUES;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function first(word: string): string {
  for (const { segment } of graphemes.segment(word)) return segment;
  return "";
}

/** One or two letters for a name: those of its first and last word. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter((word) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(word));
  const ends = words.length > 1 ? [words[0] ?? "", words[words.length - 1] ?? ""] : words;
  return ends.map((word) => first(word.replace(/^[^\p{L}\p{N}\p{Extended_Pictographic}]+/u, ""))).join("").toLocaleUpperCase();
}

interface AvatarProps {
  /** What the colour is made from. */
  id: string;
  name: string;
  size?: "xs" | "sm" | "md" | "lg" | "xl";
  /** In place of letters. */
  icon?: IconName;
  /** Groups are squarer than people. */
  square?: boolean;
  /** A dot that says: there now. Say it in words too. */
  online?: boolean;
  onlineTestId?: string;
}

/** A face made of letters. It decorates: the name stands beside it. */
export function Avatar({ id, name, size = "md", icon, square, online, onlineTestId }: AvatarProps): ReactElement {
  return (
    <span className={cx(styles.avatar, styles[size], square === true && styles.square)} data-hue={hueOf(id)} aria-hidden="true">
      <span className={styles.face}>
        {icon === undefined ? initials(name) : <Icon name={icon} className={styles.icon ?? ""} />}
      </span>
      {online === true && <span className={styles.dot} data-testid={onlineTestId} />}
    </span>
  );
}
