import { Component, type ReactNode } from "react";

/** A screen that broke gives way to what says so; the engine in its worker or in the app goes on meanwhile. */
export class ErrorBoundary extends Component<{ children: ReactNode; broken: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    return this.state.broken ? this.props.broken : this.props.children;
  }
}
