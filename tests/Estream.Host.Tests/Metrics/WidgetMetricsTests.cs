using System.Text.Json.Nodes;
using Estream.Host.Tests.Process;
using Estream.Host.Tests.Remote;
using Estream.Host.Tests.Widgets;
using Estream.Testing;

namespace Estream.Host.Tests.Metrics;

/// <summary>The host has a process of its own, because all hosts of a process report to the same metrics.</summary>
[Collection(ProcessCollection.Name)]
public sealed class WidgetMetricsTests
{
    [Fact]
    public async Task Widgets_frames_streams_and_messages_over_the_rate_are_counted()
    {
        using TempDirectory folder = new();
        using WidgetCase installed = new();
        installed.InstallWidget();
        installed.InstallWidget("@acme/refused", approved: []);
        using HostProcess host = Start(folder, installed);
        using HttpClient http = new() { BaseAddress = new Uri($"http://127.0.0.1:{host.HttpPort}") };
        await http.GetStringAsync("/widgets/frame");
        await http.GetStringAsync("/widgets/frame");
        await using StreamClient client = await StreamClient.ConnectAsync(new Uri($"ws://127.0.0.1:{host.HttpPort}/api/client"));
        uint id = await client.SubscribeAsync("lex://acme/doors/{door}/moves", "@acme/doors", perSecond: 1, credit: 0);
        await client.AppendAsync("north", count: 10);
        await client.GrantAsync(id, 1 << 16);
        long dropped = (await client.NextAsync(id)).Dropped;

        Dictionary<string, double> samples = PrometheusGrammar.Parse(await http.GetStringAsync("/metrics"));

        Assert.True(dropped > 0);
        Assert.Equal((1, 1, WidgetCase.Bundle.Length + WidgetCase.Icon.Length, 2, 1, dropped), (samples["estream_widget_installed"],
            samples["estream_widget_refused"], samples["estream_widget_memory_bytes"], samples["estream_widget_frames_total"],
            samples["estream_widget_streams"], samples["estream_widget_dropped_total"]));
    }

    private static HostProcess Start(TempDirectory folder, WidgetCase installed)
    {
        JsonObject settings = new()
        {
            ["Http"] = new JsonObject { ["LoopbackRole"] = "operator" },
            ["Queues"] = new JsonObject { ["north"] = new JsonObject { ["Lex"] = "lex://acme/doors/north/moves" } },
            ["Components"] = installed.Settings,
        };
        string config = folder.Combine("estream.json");
        File.WriteAllText(config, new JsonObject { ["Estream"] = settings }.ToJsonString());
        return HostProcess.Start(folder.Combine("data"), configFile: config).WaitUntilReady();
    }
}
