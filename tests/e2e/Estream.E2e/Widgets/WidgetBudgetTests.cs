using System.Text;
using System.Text.Json;
using Microsoft.Playwright;

namespace Estream.E2e.Widgets;

/// <summary>Goal: a widget that misbehaves is marked and can be reloaded, while the page, another widget and the host go on.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class WidgetBudgetTests(ConsoleFixture fixture)
{
    private const string CountFrames =
        "(() => { self.drawn = 0; const draw = () => { self.drawn++; requestAnimationFrame(draw); }; requestAnimationFrame(draw); })()";

    private const string Widget = """
        import { jsx } from 'react/jsx-runtime';
        import { useEffect } from 'react';
        import { useConfig } from '@estream/sdk-browser';

        let setConfig;
        const kept = [];
        const deeds = {
          loop: () => { for (;;); },
          flood: () => { for (let i = 0; i < 500; i++) setConfig({ i }); },
          leak: () => { setInterval(() => { kept.push(Array.from({ length: 400000 }, (_, j) => j + 0.5)); }, 20); },
          throw: () => { throw new Error('thrown on request'); },
        };

        export default function Misbehaving() {
          setConfig = useConfig()[1];
          useEffect(() => {
            self.drawn = 0;
            const draw = () => { self.drawn++; requestAnimationFrame(draw); };
            requestAnimationFrame(draw);
          }, []);
          return Object.keys(deeds).map((name) => jsx('button', { onClick: deeds[name], children: name }, name));
        }
        """;

    [ConsoleTheory]
    [InlineData("throw", "1 problem")]
    [InlineData("flood", "has sent too many messages")]
    [InlineData("leak", "uses too much memory")]
    [InlineData("loop", "does not answer")]
    public async Task A_widget_that_misbehaves_is_marked_while_all_others_go_on_and_starts_again(string deed, string mark)
    {
        using RunningHost host = new(Configure);
        await PutDashboardAsync(host);
        IPage control = await fixture.Chromium.OpenPageAsync(new Uri("data:text/html,control"));
        await control.EvaluateAsync(CountFrames);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "dashboards/pair");
        await console.Page.EvaluateAsync(CountFrames);
        ILocator bad = console.Page.Locator(".widget").First;
        ILocator good = console.Page.Locator(".widget").Last;
        ILocator button = bad.Locator("iframe").ContentFrame.GetByRole(AriaRole.Button, new() { Name = deed });
        ILocator other = good.Locator("iframe").ContentFrame.GetByRole(AriaRole.Button, new() { Name = deed });
        await Assertions.Expect(button).ToBeVisibleAsync();
        await Assertions.Expect(other).ToBeVisibleAsync();
        int[] before = await DrawnAsync();

        // By script: a click waits until the frame has handled it, which a loop never does.
        await button.EvaluateAsync("button => { setTimeout(() => button.click()); }");
        await Assertions.Expect(bad).ToContainTextAsync(mark);
        int[] after = await DrawnAsync();
        Assert.Contains("\"queues\"", await host.GetAsync("api/overview"), StringComparison.Ordinal);

        // The control is a page without widgets in the same browser, so a slow machine slows all three.
        int expected = (after[2] - before[2]) / 3;
        Assert.True(after[0] - before[0] >= expected, $"the page drew {after[0] - before[0]} frames, at least {expected} expected");
        Assert.True(after[1] - before[1] >= expected, $"the widget drew {after[1] - before[1]} frames, at least {expected} expected");
        await Assertions.Expect(good.GetByRole(AriaRole.Button, new() { Name = "Reload" })).ToHaveCountAsync(0);
        if (deed != "throw")
        {
            await Assertions.Expect(bad.Locator("iframe")).ToHaveCountAsync(0);
            await bad.GetByRole(AriaRole.Button, new() { Name = "Reload" }).ClickAsync();
        }

        await Assertions.Expect(button).ToBeVisibleAsync();

        async Task<int[]> DrawnAsync() =>
        [
            await console.Page.EvaluateAsync<int>("self.drawn"), await other.EvaluateAsync<int>("() => self.drawn"),
            await control.EvaluateAsync<int>("self.drawn"),
        ];
    }

    private static string Configure(string folder)
    {
        WidgetWorkspace workspace = new(folder);
        workspace.Install(Widget);
        return JsonSerializer.Serialize(new
        {
            Estream = new { Http = new { LoopbackRole = "operator" }, Components = workspace.Section },
        });
    }

    private static async Task PutDashboardAsync(RunningHost host)
    {
        const string Both = $$$"""
            {"format":1,"title":"Pair","widgets":[
              {"id":"w-1","widget":"{{{WidgetWorkspace.Name}}}","x":0,"y":0,"cols":6,"rows":3,"title":null,"config":{}},
              {"id":"w-2","widget":"{{{WidgetWorkspace.Name}}}","x":6,"y":0,"cols":6,"rows":3,"title":null,"config":{}}]}
            """;
        using HttpClient http = new();
        using HttpRequestMessage put = new(HttpMethod.Put, new Uri(host.Address, "api/dashboards/pair"))
        {
            Content = new StringContent(Both, Encoding.UTF8, "application/json"),
        };
        put.Headers.TryAddWithoutValidation("If-None-Match", "*");
        using HttpResponseMessage answer = await http.SendAsync(put);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
