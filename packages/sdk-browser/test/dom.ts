import { Window } from "happy-dom";

/** Gives React a document before it is loaded: `react-dom` looks at it. */
const window = new Window();
Object.assign(globalThis, { window, document: window.document, navigator: window.navigator, IS_REACT_ACT_ENVIRONMENT: true });
