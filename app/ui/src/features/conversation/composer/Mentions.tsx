import { type ReactElement, useEffect, useRef } from "react";
import type { MemberRow } from "../../../bridge/generated/MemberRow";
import { text } from "../../../text";
import { testIds } from "../../../testids";
import { Avatar } from "../../../ui";
import styles from "./Mentions.module.css";

export const mentionsListId = "mention-options";

/** The id of a person's entry, for `aria-activedescendant`. */
export const optionId = (member: MemberRow): string => `mention-${member.user.id}`;

interface MentionsProps {
  people: readonly MemberRow[];
  picked: MemberRow;
  onPick: (member: MemberRow) => void;
}

/** The members who fit what is typed after an `@`. The focus stays in the text. */
export function Mentions({ people, picked, onPick }: MentionsProps): ReactElement {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [picked]);
  return (
    <ul
      ref={list}
      id={mentionsListId}
      className={styles.list}
      role="listbox"
      aria-label={text.conversation.composer.mentions}
      data-testid={testIds.composerMentions}
    >
      {people.map((member) => (
        <li
          key={member.user.id}
          id={optionId(member)}
          className={styles.person}
          role="option"
          aria-selected={member === picked}
          data-testid={testIds.composerMention}
          data-id={member.user.id}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onPick(member)}
        >
          <Avatar id={member.user.id} name={member.user.display_name} size="xs" />
          <bdi className={styles.name}>{member.user.display_name}</bdi>
          <bdi className={styles.username}>{member.user.username}</bdi>
        </li>
      ))}
    </ul>
  );
}
