import { type KeyboardEvent, type ReactElement, useState } from "react";
import { useMedia } from "../../../hooks/useMedia";
import { fold, text } from "../../../text";
import { testIds } from "../../../testids";
import type { At } from "./context";
import styles from "./EmojiPicker.module.css";
import { Popover } from "./Popover";

interface EmojiPickerProps {
  at: At;
  onPick: (emoji: string) => void;
  onClose: () => void;
}

const COLUMNS = 8;

function move(event: KeyboardEvent<HTMLElement>): void {
  const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS };
  const step = steps[event.key];
  if (step === undefined) return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-emoji]")];
  const now = buttons.indexOf(document.activeElement as HTMLElement);
  if (now < 0 && event.key !== "ArrowDown") return;
  event.preventDefault();
  if (now >= 0 && now + step < 0) event.currentTarget.querySelector("input")?.focus();
  else buttons[now < 0 ? 0 : Math.min(buttons.length - 1, now + step)]?.focus();
}

/** A small choice of emoji, found by name. */
export function EmojiPicker({ at, onPick, onClose }: EmojiPickerProps): ReactElement {
  const t = text.conversation;
  // On a phone the search would open the keyboard over what one came to pick from.
  const coarse = useMedia("(pointer: coarse)");
  const [query, setQuery] = useState("");
  const words = fold(query).split(/\s+/).filter(Boolean);
  const groups = t.emoji.groups
    .map((group) => ({
      name: group.name,
      list: group.list.filter((entry) => words.every((word) => entry.words.includes(word))),
    }))
    .filter((group) => group.list.length > 0);
  return (
    <Popover at={at} label={t.picker.title} role="dialog" onClose={onClose} testId={testIds.emojiPicker}>
      <div className={styles.picker} onKeyDown={move}>
        <input
          className={styles.search}
          type="search"
          value={query}
          placeholder={t.picker.search}
          aria-label={t.picker.search}
          data-testid={testIds.emojiSearch}
          data-autofocus={!coarse || undefined}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => {
            const found = groups[0]?.list[0];
            if (event.key !== "Enter" || !found) return;
            event.preventDefault();
            onPick(found.emoji);
          }}
        />
        <div className={styles.groups} tabIndex={-1} data-autofocus={coarse || undefined}>
          {groups.length === 0 && <p className={styles.none}>{t.picker.none}</p>}
          {groups.map((group) => (
            <section key={group.name} aria-label={group.name}>
              <h2 className={styles.heading}>{group.name}</h2>
              <div className={styles.grid}>
                {group.list.map((entry) => (
                  <button
                    key={entry.emoji}
                    type="button"
                    className={styles.emoji}
                    title={entry.words}
                    aria-label={entry.words}
                    data-emoji={entry.emoji}
                    data-testid={testIds.emoji}
                    onClick={() => onPick(entry.emoji)}
                  >
                    {entry.emoji}
                  </button>
                ))}
              </div>
            </section>
          ))}
        </div>
      </div>
    </Popover>
  );
}
