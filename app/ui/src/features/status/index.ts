/** Where the connection and the data stand. */
export { StatusBar } from "./StatusBar";
