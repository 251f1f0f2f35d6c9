using Estream.Testing;
using Microsoft.Playwright;

namespace Estream.E2e;

[Collection(ConsoleCollection.Name)]
public sealed class MulticastTests(ConsoleFixture fixture)
{
    [ConsoleFact]
    public async Task A_publisher_and_its_subscriber_are_shown_with_the_reason_for_UDP()
    {
        using RunningHost host = new(Configure);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk);
        ILocator publisher = console.Page.Locator("#multicast [data-part='out']");
        await Assertions.Expect(publisher).ToHaveAttributeAsync("data-state", "healthy");
        await Assertions.Expect(publisher.Locator(".part-name span")).ToContainTextAsync("publisher of telemetry · 127.0.0.1:");
        await Assertions.Expect(publisher.Locator(".part-detail")).ToContainTextAsync("UDP instead of AF_XDP:");
        await Assertions.Expect(publisher.Locator("dt"))
            .ToHaveTextAsync(["Subscribers", "Packets", "Lag", "NAKs", "Invalid", "Dropped", "Sent again"]);
        await Assertions.Expect(publisher.Locator("dd").First).ToHaveTextAsync("1");

        ILocator subscriber = console.Page.Locator("#multicast [data-part='in']");
        await Assertions.Expect(subscriber).ToHaveAttributeAsync("data-state", "healthy");
        await Assertions.Expect(console.Page.Locator("#multicast .panel-note")).ToHaveTextAsync("2 of 2 running");
        await Assertions.Expect(console.Page.Locator(".section-nav a[href='#multicast']")).ToHaveCountAsync(1);
        Assert.Equal("", await console.AxeAsync());
        if (Environment.GetEnvironmentVariable("ESTREAM_SCREENSHOT") is { } file)
        {
            await console.Page.Locator("#multicast").ScreenshotAsync(new() { Path = file });
        }

        console.AssertQuiet();
    }

    private static string Configure(string folder)
    {
        string network = $"\"Unicast\":\"127.0.0.1\",\"Port\":{FreePort.Next()}";
        return $$$"""
            {"Estream":{
              "Queues":{"telemetry":{}},
              "Multicast":{"out":{"Publish":"telemetry",{{{network}}} },"in":{"Subscribe":"copy",{{{network}}} } },
              "Adapters":{"devices":{"Type":"mqtt-endpoint","Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]} } } }
            """;
    }
}
