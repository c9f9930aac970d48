import type { ReactElement } from "react";
import type { UserId } from "../../bridge/generated/UserId";
import { uuidv7 } from "../../bridge/ids";
import { useAct } from "../../hooks/useAct";
import { useQuery } from "../../hooks/useQuery";
import { testIds } from "../../testids";
import { problemText, text } from "../../text";
import { Avatar, Button, Notice } from "../../ui";
import styles from "./Settings.module.css";

/** Whom one has blocked, and the way back. */
export function Blocked({ blocked }: { blocked: readonly UserId[] }): ReactElement {
  const { data } = useQuery(blocked.length === 0 ? null : { type: "known_users" });
  const { act, problem } = useAct();
  if (blocked.length === 0) return <p className={styles.sub}>{text.profile.blockedNone}</p>;
  return (
    <>
      {problem !== undefined && <Notice>{problemText(problem)}</Notice>}
      <ul>
        {blocked.map((id) => {
          const user = data?.users.find((other) => other.id === id);
          const name = user?.display_name ?? text.profile.unknownPerson;
          return (
            <li key={id} className={styles.row} data-testid={testIds.blockedUser} data-id={id}>
              <Avatar id={id} name={name} size="sm" />
              <bdi className={styles.grow}>{name}</bdi>
              <Button onClick={() => void act({ type: "block", id: uuidv7(), user: id, blocked: false })}>{text.profile.unblock}</Button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
