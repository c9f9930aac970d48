import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { openBridge } from "#bridge";
import "./ui/tokens.css";
import "./ui/base.css";
import { App } from "./app/App";
import { applyTheme } from "./app/theme";

applyTheme();

const place = document.getElementById("root");
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <App open={openBridge} />
    </StrictMode>,
  );
}
