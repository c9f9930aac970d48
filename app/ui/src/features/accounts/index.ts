export { AccountRail } from "./AccountRail";
export { BrokenAccount } from "./BrokenAccount";
export { DeviceSettings, nextZoom } from "./DeviceSettings";
export { SecretsGate } from "./SecretsGate";
export { Welcome } from "./Welcome";
