import { useState, type ReactElement } from "react";
import type { ConversationId } from "../../bridge/generated/ConversationId";
import type { May } from "../../bridge/generated/May";
import type { MemberRow } from "../../bridge/generated/MemberRow";
import { uuidv7 } from "../../bridge/ids";
import { remaining } from "../../bridge/members";
import { useAct } from "../../hooks/useAct";
import { useQuery } from "../../hooks/useQuery";
import { testIds } from "../../testids";
import { problemText, text } from "../../text";
import { Avatar, Confirm, Empty, Hidden, Icon, MenuButton, Notice, SkeletonRows, type MenuItem } from "../../ui";
import styles from "./Details.module.css";

interface Asked {
  what: "hand_over" | "remove";
  member: MemberRow;
}

interface MemberListProps {
  conversation: ConversationId;
  may: May;
  onOpen: (conversation: ConversationId) => void;
}

/** Whether one may take a member out: an admin members, the owner admins too, nobody the owner. */
export function mayRemove(may: May, member: MemberRow): boolean {
  if (member.me || member.role === "owner" || member.pending === "removing") return false;
  return may.own || (may.manage && member.role === "member");
}

/** What the relay has not accepted yet of a member. */
function Waiting({ member }: { member: MemberRow }): ReactElement | null {
  if (member.pending === undefined) return null;
  return (
    <span className={styles.waiting} data-testid={testIds.memberWaiting}>
      <Icon name="clock" size={13} />
      {member.pending === "removing" && member.me ? text.group.leaving : text.group.waiting[member.pending]}
    </span>
  );
}

/** Who is in a group, their roles, and what one may do about it. */
export function MemberList({ conversation, may, onOpen }: MemberListProps): ReactElement {
  const { data, problem } = useQuery({ type: "members", conversation });
  const presence = useQuery({ type: "presence" });
  const { act, busy, problem: refused } = useAct();
  const [asked, setAsked] = useState<Asked | null>(null);
  if (data === undefined) {
    return problem === undefined ? (
      <SkeletonRows count={3} label={text.common.loading} />
    ) : (
      <Empty icon="alert" alert title={text.group.failedToLoad}>
        {problemText(problem)}
      </Empty>
    );
  }
  const online = new Set(presence.data?.users.filter((user) => user.online).map((user) => user.user));

  const setRole = (member: MemberRow, role: "admin" | "member" | "owner") =>
    act({ type: "set_role", id: uuidv7(), conversation, user: member.user.id, role });

  const itemsFor = (member: MemberRow): MenuItem[] => {
    const items: MenuItem[] = [];
    if (!member.me && member.user.deleted !== true) {
      items.push({
        label: text.group.message,
        icon: "send",
        onSelect: () => {
          void act({ type: "open_direct", user: member.user }).then((opened) => {
            if (opened !== undefined) onOpen(opened.conversation);
          });
        },
      });
    }
    if (may.own && !member.me && member.pending !== "removing") {
      items.push(
        member.role === "admin"
          ? { label: text.group.makeMember, icon: "user", onSelect: () => void setRole(member, "member") }
          : { label: text.group.makeAdmin, icon: "shield", onSelect: () => void setRole(member, "admin") },
        { label: text.group.handOver, icon: "crown", onSelect: () => setAsked({ what: "hand_over", member }) },
      );
    }
    if (mayRemove(may, member)) {
      items.push({ label: text.group.remove, icon: "trash", danger: true, onSelect: () => setAsked({ what: "remove", member }) });
    }
    return items;
  };

  const answer = async () => {
    if (asked === null) return;
    const done =
      asked.what === "hand_over"
        ? await setRole(asked.member, "owner")
        : await act({ type: "remove_member", id: uuidv7(), conversation, user: asked.member.user.id });
    if (done !== undefined) setAsked(null);
  };
  const name = asked?.member.user.display_name ?? "";

  return (
    <section className={styles.members}>
      <h2 className={styles.heading}>{text.group.members(remaining(data.members).length)}</h2>
      {refused !== undefined && asked === null && <Notice>{problemText(refused)}</Notice>}
      <ul>
        {data.members.map((member) => {
          const items = itemsFor(member);
          const shown = member.user.deleted === true ? text.common.deletedUser : member.user.display_name;
          return (
            <li key={member.user.id} className={styles.member} data-pending={member.pending} data-testid={testIds.memberRow} data-id={member.user.id}>
              <Avatar id={member.user.id} name={shown} online={online.has(member.user.id)} />
              <span className={styles.names}>
                <bdi className={styles.memberName}>{member.me ? text.common.you : shown}</bdi>
                {online.has(member.user.id) && <Hidden>{`, ${text.group.online}`}</Hidden>}
                {member.user.username !== "" && <span className={styles.username}>{text.people.at(member.user.username)}</span>}
                <Waiting member={member} />
              </span>
              {member.role !== "member" && (
                <span className={styles.role} data-testid={testIds.memberRole}>
                  {text.group.roles[member.role]}
                </span>
              )}
              {items.length > 0 && <MenuButton icon="more" label={text.group.memberMenu(shown)} items={items} testId={testIds.memberMenu} />}
            </li>
          );
        })}
      </ul>
      {asked !== null && (
        <Confirm
          title={asked.what === "hand_over" ? text.group.handOverConfirm(name) : text.group.removeConfirm(name)}
          confirmLabel={asked.what === "hand_over" ? text.group.handOver : text.group.remove}
          cancelLabel={text.common.cancel}
          danger={asked.what === "remove"}
          busy={busy}
          onConfirm={() => void answer()}
          onClose={() => setAsked(null)}
          testId={testIds.confirm}
        >
          <p>{asked.what === "hand_over" ? text.group.handOverText(name) : text.group.removeText(name)}</p>
          {refused !== undefined && <Notice>{problemText(refused)}</Notice>}
        </Confirm>
      )}
    </section>
  );
}
