using System.Text;
using System.Text.Json;
using Estream.Crypto;
using Microsoft.Playwright;

namespace Estream.E2e;

[Collection(ConsoleCollection.Name)]
public sealed class WitnessTests(ConsoleFixture fixture)
{
    [ConsoleFact]
    public async Task A_witnessed_queue_is_shown_with_attested_and_waiting_messages()
    {
        using RunningHost host = new(Configure);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "witnesses");
        await Assertions.Expect(console.Page.Locator(".page-note")).ToHaveTextAsync("1 of 1 running");
        await Assertions.Expect(console.Cell("witnesses", "telemetry", "last")).ToHaveTextAsync("–");

        for (int i = 0; i < 3; i++)
        {
            host.Publish("devices/boiler-1/telemetry",
                JsonSerializer.Serialize(new { timestamp = i, metric_name = "temperature", value = 20, unit = "°C" }));
        }

        await Assertions.Expect(console.Cell("witnesses", "telemetry", "attested")).ToHaveTextAsync("3");
        await Assertions.Expect(console.Cell("witnesses", "telemetry", "waiting")).ToHaveTextAsync("0");
        await Assertions.Expect(console.Cell("witnesses", "telemetry", "last")).ToContainTextAsync("ago");
        await console.Row("witnesses", "telemetry").GetByRole(AriaRole.Button).First.ClickAsync();
        ILocator first = console.Page.Locator(".attestation-list a").Last;
        await Assertions.Expect(first).ToHaveTextAsync("0");
        await RequireFileAsync(console, first, "ESTRATT1");
        Assert.Equal("", await console.AxeAsync());
        console.AssertQuiet();

        await using ConsolePage phone = await fixture.Chromium.OpenAsync(host, Screen.PhoneDark, "witnesses");
        await Assertions.Expect(phone.Cell("witnesses", "telemetry", "attested")).ToBeInViewportAsync();
        Assert.Equal("", await phone.AxeAsync());
        await phone.AssertFitsAsync();
    }

    [ConsoleFact]
    public async Task A_host_without_witnesses_names_the_setting_that_adds_one()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk, "witnesses");

        await Assertions.Expect(console.Page.Locator(".empty")).ToContainTextAsync("Estream:Queues:NAME:Witness:KeyFile");
        console.AssertQuiet();
    }

    private static async Task RequireFileAsync(ConsolePage console, ILocator link, string magic)
    {
        IDownload download = await console.Page.RunAndWaitForDownloadAsync(() => link.ClickAsync());
        Assert.Equal(magic, Encoding.ASCII.GetString(await File.ReadAllBytesAsync(await download.PathAsync()), 0, magic.Length));
    }

    private static string Configure(string folder)
    {
        string key = Path.Combine(folder, "witness.key");
        using (MlDsa87PrivateKey made = MlDsa87PrivateKey.Generate())
        {
            made.Save(key);
        }

        return $$$$$"""
            {"Estream":{
              "Queues":{"telemetry":{"Witness":{"KeyFile":{{{{{JsonSerializer.Serialize(key)}}}}}}}},
              "Adapters":{"devices":{"Type":"mqtt-endpoint","Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]}}}}
            """;
    }
}
