/** The English catalogue: one file a feature, so that whoever changes a screen changes its words beside no one else's. */
import { accounts } from "./en/accounts";
import { auth } from "./en/auth";
import { common } from "./en/common";
import { conversation } from "./en/conversation";
import { group } from "./en/group";
import { list } from "./en/list";
import { notify } from "./en/notify";
import { people } from "./en/people";
import { profile } from "./en/profile";
import { search } from "./en/search";
import { shell } from "./en/shell";
import { status } from "./en/status";

export const en = { common, accounts, auth, conversation, group, list, notify, people, profile, search, shell, status };
