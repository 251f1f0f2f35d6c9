using System.Text.Json;
using System.Text.RegularExpressions;
using Estream.Testing;
using Microsoft.Playwright;

namespace Estream.E2e.Widgets;

/// <summary>Goal: what an author makes with the command line alone is shown by a console that knows nothing of the author.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class WidgetJourneyTests(ConsoleFixture fixture)
{
    private const string Doors = "@acme/doors";
    private const string Carbon = "@synergy-carbon/impact-counter";

    private const string Publish = """
        estream marketplace pack doors --out doors.escx
        estream marketplace pack "$COMPONENTS/carbon-schemas" --out schemas.escx
        estream marketplace pack "$COMPONENTS/carbon-impact" --out impact.escx
        estream marketplace registry create registry --name components.example.org/main
        estream key new --out owner.key
        estream marketplace key claim @acme --key owner.key --registry registry
        estream marketplace key claim @synergy-carbon --key owner.key --registry registry
        for package in doors schemas impact; do estream marketplace publish $package.escx --key owner.key --registry registry; done
        estream marketplace registry renew --registry registry
        """;

    private const string Install = """
        estream marketplace init plant --registry directory:registry/public --root registry/public/roles/1.root.json
        estream marketplace install @acme/doors @synergy-carbon/impact-counter --yes --workspace plant --cache cache
        """;

    [ConsoleFact]
    public async Task A_widget_made_from_the_template_is_published_installed_and_shows_messages_of_its_queue()
    {
        using TempDirectory author = new();
        Shell("estream init --template widget @acme/doors", author.Path);
        // The commands of an author are those of the README that the template has written.
        string[] commands = CommandsOf(author.Combine("doors", "README.md"));
        Assert.Equal(2, commands.Length);
        Shell(commands[0], author.Combine("doors"));
        Shell(Publish, author.Path);
        Shell(Install, author.Path);

        string folder = "";
        using RunningHost host = new(place =>
        {
            folder = place;
            return Configuration(author);
        });
        await using ConsolePage doors = await fixture.Chromium.OpenAsync(host, Screen.Desk, $"widgets/{Doors}");
        IFrameLocator frame = doors.Page.FrameLocator("iframe");
        // Only messages that are appended while the widget is subscribed are shown.
        await Assertions.Expect(frame.Locator("body")).ToContainTextAsync("No messages yet.");
        await Assertions.Expect(doors.Page.Locator(".widget-tier")).ToHaveTextAsync("community");
        await Assertions.Expect(doors.Page.Locator(".widget-trust")).ToContainTextAsync($"{Doors} 0.1.0, signed by");
        Shell(commands[1], folder);
        await Assertions.Expect(frame.Locator("tbody tr")).ToHaveTextAsync("northopened1");
        Assert.Equal("", await doors.AxeAsync());

        await using ConsolePage carbon = await fixture.Chromium.OpenAsync(host, Screen.Desk, $"widgets/{Carbon}");
        IFrameLocator counter = carbon.Page.FrameLocator("iframe");
        await Assertions.Expect(counter.Locator("body")).ToContainTextAsync("No impact messages yet.");
        Shell("""
            connect=unix:data/run/client.sock
            echo '{"lex_id":"VCS-934","measured_at":1700000000000000000,"tonnes_co2e":12.5}' |
              estream queue append carbon --schema CarbonImpact --host $connect
            echo '{"lex_id":"VCS-934","counted_at":1700000000000000000,"available_tonnes":1480.5,"retired_tonnes":19.5}' |
              estream queue append carbon --schema CarbonBalance --host $connect
            estream map put carbon_credits VCS-934-1 1 --host $connect
            """, folder);
        await Assertions.Expect(counter.Locator("dd")).ToHaveTextAsync(["12.5 tonnes", "1,480.5 tonnes", "1", "0"]);
        Assert.Equal("", await carbon.AxeAsync());
    }

    private static string Configuration(TempDirectory author) => JsonSerializer.Serialize(new
    {
        Estream = new
        {
            Http = new { LoopbackRole = "operator" },
            Components = new { Workspace = author.Combine("plant"), Cache = author.Combine("cache") },
            Queues = new { doors = new { Lex = "lex://acme/doors" }, carbon = new { Lex = "lex://estream/carbon" } },
            Client = new { Maps = new { carbon_credits = new { MaxEntries = 1000 }, carbon_attestations = new { MaxEntries = 1000 } } },
        },
    });

    private static string[] CommandsOf(string page) =>
    [
        .. Regex.Matches(File.ReadAllText(page), "```sh\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value),
    ];

    // The commands keep the trusted state of a registry in the home folder of the user, so each test has its own.
    private static void Shell(string commands, string folder) => ChildProcess.Run(
        "/bin/bash", ["-ec", "estream() { dotnet \"$0\" \"$@\"; }\n" + commands, BuiltProgram.Cli], folder,
        new Dictionary<string, string?> { ["HOME"] = folder, ["COMPONENTS"] = RepositoryRoot.Combine("components") }).EnsureSuccess();
}
