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
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk);
        ILocator witness = console.Page.Locator("#witnesses [data-part='telemetry']");
        await Assertions.Expect(console.Page.Locator("#witnesses .panel-note")).ToHaveTextAsync("1 of 1 running");
        await Assertions.Expect(witness.Locator("dt")).ToHaveTextAsync(["Attested/s", "Attested", "Waiting"]);

        for (int i = 0; i < 3; i++)
        {
            host.Publish("devices/boiler-1/telemetry",
                JsonSerializer.Serialize(new { timestamp = i, metric_name = "temperature", value = 20, unit = "°C" }));
        }

        await Assertions.Expect(witness.Locator("dt")).ToHaveTextAsync(["Attested/s", "Attested", "Waiting", "Last"]);
        await Assertions.Expect(witness.Locator("dd").Nth(1)).ToHaveTextAsync("3");
        await Assertions.Expect(witness.Locator("dd").Nth(2)).ToHaveTextAsync("0");
        await Assertions.Expect(witness).ToHaveAttributeAsync("data-state", "healthy");
        await witness.GetByText("Attestations").ClickAsync();
        ILocator first = witness.Locator(".attestations a").Last;
        await Assertions.Expect(first).ToHaveTextAsync("Attestation 0");
        await RequireFileAsync(console, first, "ESTRATT1");

        await console.Page.Locator("#messages .message-row").First.ClickAsync();
        ILocator proof = console.Page.Locator("#messages .fields-place a");
        await Assertions.Expect(proof).ToHaveTextAsync("Download proof");
        await RequireFileAsync(console, proof, "ESTRPRF1");
        Assert.Equal("", await console.AxeAsync());
        console.AssertQuiet();

        await using ConsolePage phone = await fixture.Chromium.OpenAsync(host, Screen.PhoneDark);
        await phone.Page.GetByRole(AriaRole.Link, new() { Name = "Witnesses" }).ClickAsync();
        await Assertions.Expect(phone.Page.Locator("#witnesses [data-part='telemetry'] .part-figures")).ToBeInViewportAsync();
        Assert.Equal("", await phone.AxeAsync());
        Assert.True(await phone.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"),
            "the page scrolls horizontally");
    }

    [ConsoleFact]
    public async Task A_host_without_witnesses_has_no_panel_for_them()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk);

        await Assertions.Expect(console.Page.Locator("#adapters")).ToBeVisibleAsync();
        await Assertions.Expect(console.Page.Locator("#witnesses")).ToHaveCountAsync(0);
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
