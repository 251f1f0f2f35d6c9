using System.Text;
using System.Text.Json;
using Microsoft.Playwright;

namespace Estream.E2e.Widgets;

/// <summary>Goal: a widget of a component shows the data it declares, and nothing it does stops the page.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class WidgetFrameTests(ConsoleFixture fixture)
{
    private const string Page = $"widgets/{WidgetWorkspace.Name}";

    /// <summary>Shows its data, and misbehaves when a button is pressed.</summary>
    private static readonly string s_widget = $$"""
        import { jsx } from 'react/jsx-runtime';
        import { useSubscription, useTable } from '@estream/sdk-browser';
        import { useState } from 'react';

        const deeds = {
          loop: () => { for (;;); },
          throw: () => { throw new Error('thrown on request'); },
          leave: () => { location.href = '/widgets/frame?x'; },
          away: () => { location.href = 'http://127.0.0.1:1/x'; },
        };

        export default function Doors() {
          const { messages, isLive } = useSubscription('{{WidgetWorkspace.Stream}}');
          const { entries } = useTable('{{WidgetWorkspace.Table}}');
          const [isCurious, setCurious] = useState(false);
          return [
            jsx('p', { id: 'live', children: String(isLive) }, 'live'),
            jsx('p', { id: 'messages', children: messages.map(({ message }) => message.device_id).join(' ') }, 'messages'),
            jsx('p', { id: 'entries', children: entries.map(({ key }) => key).join(' ') }, 'entries'),
            ...Object.keys(deeds).map((name) => jsx('button', { onClick: deeds[name], children: name }, name)),
            jsx('button', { onClick: () => setCurious(true), children: 'curious' }, 'curious'),
            isCurious && jsx(Curious, {}, 'asks'),
          ];
        }

        function Curious() {
          return useSubscription('lex://acme/payments/all').messages.length;
        }
        """;

    [ConsoleFact]
    public async Task A_widget_shows_the_messages_and_the_table_that_it_declares()
    {
        using Case site = new(s_widget);
        await site.AppendAsync("before");
        await using ConsolePage console = await fixture.Chromium.OpenAsync(site.Host, Screen.Desk, Page);
        IFrameLocator frame = console.Page.FrameLocator("iframe");
        await Assertions.Expect(frame.Locator("#live")).ToHaveTextAsync("true");
        await Assertions.Expect(frame.Locator("#entries")).ToHaveTextAsync("before");

        await site.AppendAsync("after");

        await Assertions.Expect(frame.Locator("#messages")).ToContainTextAsync("after");
        await Assertions.Expect(frame.Locator("#entries")).ToHaveTextAsync("after before");
        await Assertions.Expect(console.Page.Locator(".widget-bar")).ToContainTextAsync($"{WidgetWorkspace.Name} 0.1.0, signed by a-key");
        Assert.Equal("", await console.AxeAsync());
    }

    [ConsoleFact]
    public async Task A_widget_that_misbehaves_is_marked_and_can_be_reloaded()
    {
        using Case site = new(s_widget);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(site.Host, Screen.Desk, Page);
        ILocator card = console.Page.Locator(".widget");
        await PressAsync("throw");
        await Assertions.Expect(card.Locator(".widget-reports")).ToContainTextAsync("thrown on request");
        await PressAsync("curious");
        await Assertions.Expect(card.Locator(".widget-reports")).ToContainTextAsync("lex://acme/payments/all");
        await console.Page.ReloadAsync();

        foreach ((string deed, string mark) in new[]
        {
            ("leave", "has left its frame"), ("away", "has left its frame"), ("loop", "does not answer"),
        })
        {
            await PressAsync(deed);
            await Assertions.Expect(card).ToContainTextAsync(mark);
            await Assertions.Expect(card.Locator("iframe")).ToHaveCountAsync(0);
            await card.GetByRole(AriaRole.Button, new() { Name = "Reload" }).ClickAsync();
            await Assertions.Expect(console.Page.FrameLocator("iframe").Locator("#live")).ToHaveTextAsync("true");
        }

        // By script: a click waits until the frame has handled it, which a loop never does.
        async Task PressAsync(string deed)
        {
            ILocator button = console.Page.FrameLocator("iframe").GetByRole(AriaRole.Button, new() { Name = deed });
            await button.EvaluateAsync("button => { setTimeout(() => button.click(), 0); }");
        }
    }

    [ConsoleFact]
    public async Task A_running_widget_of_a_revoked_component_disappears()
    {
        using Case site = new(s_widget);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(site.Host, Screen.Desk, Page);
        await Assertions.Expect(console.Page.FrameLocator("iframe").Locator("#live")).ToHaveTextAsync("true");

        site.Revoke();

        await Assertions.Expect(console.Page.Locator("iframe")).ToHaveCountAsync(0);
        await Assertions.Expect(console.Page.Locator(".widget-page")).ToContainTextAsync("is revoked");
    }

    /// <summary>A host with a widget, a queue with the address that the widget declares, and a map with the name of its table.</summary>
    private sealed class Case : IDisposable
    {
        private static readonly HttpClient s_http = new();

        private WidgetWorkspace? _workspace;

        public Case(string bundle)
        {
            Host = new RunningHost(folder =>
            {
                _workspace = new WidgetWorkspace(folder);
                _workspace.Install(bundle);
                return JsonSerializer.Serialize(new
                {
                    Estream = new
                    {
                        Http = new { LoopbackRole = "operator" },
                        Components = _workspace.Section,
                        Queues = new { moves = new { Lex = WidgetWorkspace.Stream } },
                        Maps = new { doors_latest = new { Queue = "moves", Schema = "IoTTelemetry", Key = "device_id" } },
                    },
                });
            });
        }

        public RunningHost Host { get; }

        public void Revoke() => _workspace!.Revoke();

        /// <summary>Appends a message to the queue.</summary>
        public async Task AppendAsync(string device)
        {
            string message = JsonSerializer.Serialize(new
            {
                schema = "IoTTelemetry",
                message = new { device_id = device, timestamp = 1, metric_name = "moves", value = 1.5, unit = "s" },
            });
            using StringContent content = new(message, Encoding.UTF8, "application/json");
            using HttpResponseMessage answer = await s_http.PostAsync(new Uri(Host.Address, "api/queues/moves/messages"), content);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }

        public void Dispose() => Host.Dispose();
    }
}
