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
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "replication");
        await Assertions.Expect(console.Cell("multicast", "out", "state")).ToHaveTextAsync("running");
        await Assertions.Expect(console.Cell("multicast", "out", "role")).ToHaveTextAsync("publisher");
        await Assertions.Expect(console.Cell("multicast", "out", "queue")).ToHaveTextAsync("telemetry");
        await Assertions.Expect(console.Cell("multicast", "out", "endPoint")).ToContainTextAsync("127.0.0.1:");
        await Assertions.Expect(console.Cell("multicast", "out", "detail")).ToContainTextAsync("UDP instead of AF_XDP:");
        await Assertions.Expect(console.Cell("multicast", "out", "receivers")).ToHaveTextAsync("1");
        await Assertions.Expect(console.Cell("multicast", "in", "state")).ToHaveTextAsync("running");
        await console.Row("multicast", "in").GetByRole(AriaRole.Button).First.ClickAsync();
        await Assertions.Expect(console.Row("multicast", "in").Locator(".figure-list dt"))
            .ToHaveTextAsync(["Packets", "NAKs", "Gaps", "Restored", "Invalid", "Dropped"]);
        Assert.Equal("", await console.AxeAsync());
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
