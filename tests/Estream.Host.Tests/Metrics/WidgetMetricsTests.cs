using Estream.Host.Tests.Runtime.Reload;
using Estream.Host.Tests.Widgets;
using Estream.Host.Widgets;
using Estream.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Estream.Host.Tests.Metrics;

public sealed class WidgetMetricsTests
{
    [Fact]
    public async Task Widgets_and_frames_are_counted_and_the_metrics_have_names()
    {
        using WidgetCase installed = new();
        installed.InstallWidget();
        installed.InstallWidget("@acme/refused", approved: []);
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next(), estream => estream["Components"] = installed.Settings);
        using HttpClient client = rig.Client;
        await client.GetStringAsync("/widgets/frame");

        // Other hosts of this process report to the same names, so only the catalogue has the values of this host.
        Dictionary<string, double> samples = PrometheusGrammar.Parse(await client.GetStringAsync("/metrics"));
        WidgetCatalogue catalogue = rig.Services.GetRequiredService<WidgetCatalogue>();

        Assert.All((string[])["installed", "refused", "memory_bytes", "frames_total", "streams", "dropped_total"],
            name => Assert.True(samples.ContainsKey($"estream_widget_{name}"), name));
        Assert.Equal((1, 1, 1L), (catalogue.Current.Widgets.Count, catalogue.Current.Refused.Count, catalogue.Frames));
        Assert.Equal(WidgetCase.Bundle.Length + WidgetCase.Icon.Length, catalogue.Current.Bytes);
    }
}
