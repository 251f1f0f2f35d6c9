import assert from "node:assert/strict";
import { test } from "node:test";
import "./dom.js";
import { act, Component, createElement, type ComponentType, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { entryId, isDeclared, useConfig, useStorage, useSubscription, useTable, useTheme, useTimeRange, WidgetRoot, WidgetSecurityError, type WidgetProps } from "../src/index.js";
import { FakeHost } from "../src/testing.js";

const moves = "lex://acme/doors/{door}/moves";

class Catch extends Component<{ children: ReactNode; caught: (error: Error) => void }> {
  override state = { isBroken: false };

  static getDerivedStateFromError(): { isBroken: boolean } {
    return { isBroken: true };
  }

  override componentDidCatch(error: Error): void {
    this.props.caught(error);
  }

  override render(): ReactNode {
    return this.state.isBroken ? null : this.props.children;
  }
}

/** Renders a widget. Returns its text, the errors it throws, and a function that removes it. */
async function show(host: FakeHost, component: ComponentType<WidgetProps>) {
  const element = document.createElement("div");
  const errors: Error[] = [];
  const root = createRoot(element, { onCaughtError: () => {} });
  await act(async () => root.render(createElement(Catch, { caught: (error: Error) => errors.push(error), children: createElement(WidgetRoot, { host, component }) })));
  return { text: () => element.textContent, errors, remove: () => act(async () => root.unmount()) };
}

await test("An undeclared stream throws a WidgetSecurityError, and nothing is subscribed", async () => {
  const host = new FakeHost({ streams: [moves] });
  const { errors } = await show(host, () => createElement("p", null, useSubscription("lex://acme/payments/{id}").messages.length));
  assert.ok(errors[0] instanceof WidgetSecurityError);
  assert.match(errors[0].message, /lex:\/\/acme\/payments\/\{id\}/);
  assert.deepEqual(host.subscriptions, []);
});

await test("An undeclared table throws a WidgetSecurityError", async () => {
  const { errors } = await show(new FakeHost({ tables: ["doors"] }), () => createElement("p", null, useTable("salaries").entries.length));
  assert.ok(errors[0] instanceof WidgetSecurityError);
});

await test("A hook outside of a widget says how a test provides a host", async () => {
  const errors: Error[] = [];
  const Bare = () => createElement("p", null, useTheme().mode);
  const root = createRoot(document.createElement("div"), { onCaughtError: () => {} });
  await act(async () => root.render(createElement(Catch, { caught: (error: Error) => errors.push(error), children: createElement(Bare) })));
  assert.match(errors[0]!.message, /FakeHost/);
});

await test("A subscription that the host ends shows the reason and is not live", async () => {
  const host = new FakeHost({ streams: [moves] });
  const { text } = await show(host, () => {
    const { error, isLive } = useSubscription(moves);
    return createElement("p", null, `${isLive} ${error?.message ?? ""}`);
  });
  assert.equal(text(), "true ");
  await act(async () => host.fail(moves, new Error("The release is revoked.")));
  assert.equal(text(), "false The release is revoked.");
});

await test("A declared pattern covers a fixed segment, and neither more segments nor a wider pattern", () => {
  assert.ok(isDeclared([moves], "lex://acme/doors/front/moves"));
  assert.ok(isDeclared([moves], "lex://acme/doors/{any}/moves"));
  for (const wider of ["lex://acme/doors/front", "lex://acme/doors/front/moves/x", "lex://acme/{a}/{b}/moves", "lex://acme/doors//moves", "table:doors", ""]) {
    assert.ok(!isDeclared([moves], wider), wider);
  }
  assert.ok(!isDeclared(["lex://acme/doors/{}/moves"], "lex://acme/doors/front/moves"));
});

await test("A subscription keeps the newest messages and adds up what was dropped", async () => {
  const host = new FakeHost({ streams: [moves] });
  const { text, remove } = await show(host, () => {
    const { messages, dropped } = useSubscription(moves, { keep: 2 });
    return createElement("p", null, `${messages.map((one) => one.message).join(",")} ${dropped}`);
  });
  await act(async () => host.push(moves, [{ message: 1 }, { message: 2 }, { message: 3 }], 4));
  await act(async () => host.push(moves, [{ message: 5 }], 1));
  assert.equal(text(), "3,5 5");
  assert.deepEqual(host.subscriptions, [moves]);
  await remove();
  assert.deepEqual(host.subscriptions, []);
});

await test("A table shows entries by key, with their changes and without those that were removed", async () => {
  const host = new FakeHost({ tables: ["doors"] });
  const { text } = await show(host, () => createElement("p", null, useTable("doors").entries.map(({ key, text }) => `${key}=${text}`).join(" ")));
  await act(async () => host.put("doors", { key: "b", text: "open" }, { key: "a", text: "open" }));
  assert.equal(text(), "a=open b=open");
  await act(async () => {
    host.put("doors", { key: "b", text: "shut" });
    host.remove("doors", "a");
  });
  assert.equal(text(), "b=shut");
});

await test("An empty table is live, and a table that the host has not sent or has ended is not", async () => {
  const host = new FakeHost({ tables: ["doors"] });
  const { text } = await show(host, () => {
    const { entries, error, isLive } = useTable("doors");
    return createElement("p", null, `${entries.length} ${isLive} ${error?.message ?? ""}`);
  });
  assert.equal(text(), "0 false ");
  await act(async () => host.put("doors"));
  assert.equal(text(), "0 true ");
  await act(async () => host.fail("table:doors", new Error("revoked")));
  assert.equal(text(), "0 false revoked");
});

await test("Keys that are not text stay apart, also where they look equal", async () => {
  const host = new FakeHost({ tables: ["doors"] });
  const { text } = await show(host, () => createElement("p", null, useTable("doors").entries.map(entryId).join(", ")));
  await act(async () => host.put("doors", { key: "\ufffd", keyBytes: "ff" }, { key: "\ufffd", keyBytes: "fe" }, { key: "\ufffd" }, { key: "ff" }));
  assert.equal(text(), "text ff, bytes fe, bytes ff, text \ufffd");
});

await test("After a lost connection, a table shows the entries that the host sends again, and no others", async () => {
  const host = new FakeHost({ tables: ["doors"] });
  const { text } = await show(host, () => createElement("p", null, useTable("doors").entries.map(({ key }) => key).join(" ")));
  await act(async () => host.put("doors", { key: "a" }, { key: "b" }));
  await act(async () => {
    host.reopen("table:doors");
    host.put("doors", { key: "b" });
  });
  assert.equal(text(), "b");
});

await test("A widget gets its props, and renders again with new settings and another theme", async () => {
  const host = new FakeHost({ config: { unit: "C" } });
  let setConfig: (config: { unit: string }) => void = () => {};
  const { text } = await show(host, ({ widget, config }) => {
    setConfig = useConfig<{ unit: string }>()[1];
    return createElement("p", null, `${widget.title} ${String(config["unit"])} ${useTheme().mode}`);
  });
  assert.equal(text(), "Test C light");
  await act(async () => setConfig({ unit: "F" }));
  await act(async () => host.setState({ theme: { mode: "dark", tokens: {} } }));
  assert.equal(text(), "Test F dark");
});

await test("The time range reaches the widgets that ask for it, and draws no other again", async () => {
  const host = new FakeHost({ widget: { customAccent: "#22C55E" } });
  let drawn = 0;
  const Range = () => {
    const { from, to, isPaused } = useTimeRange();
    return createElement("p", null, `${from}-${to} ${isPaused}`);
  };
  const { text } = await show(host, ({ widget }) => {
    drawn++;
    return createElement("div", null, widget.customAccent, createElement(Range));
  });
  assert.equal(text(), "#22C55E0-3600000 false");
  await act(async () => host.setState({ time: { from: 5, to: 6, isLive: false, isPaused: true } }));
  assert.equal(text(), "#22C55E5-6 true");
  assert.equal(drawn, 1);
});

await test("A widget stores and removes texts", async () => {
  const host = new FakeHost();
  let found: (string | null)[] = [];
  await show(host, () => {
    const storage = useStorage();
    found = [];
    void storage.set("a", "1").then(async () => {
      found.push(await storage.get("a"));
      await storage.remove("a");
      found.push(await storage.get("a"));
    });
    return null;
  });
  await act(async () => {});
  assert.deepEqual(found, ["1", null]);
});
