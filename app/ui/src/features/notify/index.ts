export { DeviceNotices } from "./DeviceNotices";
export { NotifyDialog } from "./NotifyDialog";
export { useNotices } from "./useNotices";
