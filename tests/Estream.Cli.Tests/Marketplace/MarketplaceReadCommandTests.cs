using System.Text.Json;
using Estream.Cli.Commands.Marketplace;
using Estream.Esf.Schema;
using Estream.Marketplace;
using Estream.Marketplace.Tests.Client;
using static Estream.Cli.Tests.Marketplace.MarketplaceData;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>The commands search, show, graph and mirror.</summary>
public sealed class MarketplaceReadCommandTests : IDisposable
{
    private readonly MarketplaceData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Search_lists_matching_names_with_version_category_description_and_registry()
    {
        await _data.PublishAsync(Card(), Iot(), new PublishedRelease("@other/card 1.0.0"));
        Assert.Equal(
            ["@acme/card 1.0.0  wire-adapter, from components.example/main", "    Doors that speak their own protocol",
                "esf-iot 1.2.0  wire-adapter, from components.example/main", "    Doors that speak their own protocol"],
            (await _data.RunAsync("search")).Lines);
        Assert.Equal(
            "{\"name\":\"@acme/card\",\"source\":\"components.example/main\",\"version\":\"1.0.0\",\"category\":\"wire-adapter\","
            + "\"description\":\"Doors that speak their own protocol\"}\n",
            (await _data.RunAsync("search", "CARD", "--json")).Output);
        Assert.Equal((ExitCode.No, ""), ((await _data.RunAsync("search", "door")).Code, (await _data.RunAsync("search", "door")).Output));
        Assert.Equal("estream: No component name contains 'door'.", (await _data.RunAsync("search", "door")).Error.TrimEnd());
        (await _data.RunAsync("search", "--limit", "0")).AssertFailed(ExitCode.Failed, "--limit takes 1 to");
    }

    [Theory]
    [InlineData("directory")]
    [InlineData("oci")]
    public async Task A_registry_with_a_missing_folder_is_unreachable(string form)
    {
        await _data.PublishAsync(Iot());
        File.WriteAllText(_data.ManifestPath,
            File.ReadAllText(_data.ManifestPath).Replace("directory:../registry", $"{form}:../not-mounted", StringComparison.Ordinal));
        (await _data.RunAsync("search")).AssertFailed(ExitCode.Failed, "not-mounted is unreachable", "Check the path");
        string from = $"{form}:{_data.Combine("not-mounted")}", to = _data.Combine("mirror");
        (await _data.RunAsync(["mirror", from, $"directory:{to}"])).AssertFailed(ExitCode.Failed, "not-mounted is unreachable",
            "Check the path");
        Assert.False(Directory.Exists(to));
    }

    [Fact]
    public async Task Nothing_is_listed_from_a_registry_that_fails_verification()
    {
        await _data.PublishAsync(Card(), Iot());
        Directory.Delete(_data.Combine("registry", "roles"), recursive: true);
        CliResult result = await _data.RunAsync("search");
        Assert.Equal((ExitCode.No, ""), (result.Code, result.Output));
        Assert.NotEqual("", result.Error);
        foreach (string[] asked in new string[][] { ["search"], ["show", "@acme/card"], ["install", "@acme/card"] })
        {
            CliResult json = await _data.RunAsync(asked[0], [.. asked[1..], "--json"]);
            Assert.Equal((ExitCode.No, "", "refused"),
                (json.Code, json.Error, JsonDocument.Parse(Assert.Single(json.Lines)).RootElement.GetProperty("status").GetString()));
        }
    }

    [Theory]
    [InlineData("log/checkpoint", "The registry components.example/main at ")]
    [InlineData("roles/timestamp.json", "The registry components.example/main at ")]
    [InlineData("names.json", "The file ")]
    public async Task An_oversized_file_is_a_registry_error_and_not_a_machine_failure(string path, string what)
    {
        await _data.PublishAsync(Card(), Iot());
        string file = _data.Combine("registry", path);
        Assert.True(File.Exists(file), file);
        using (FileStream grown = File.OpenWrite(file))
        {
            grown.SetLength(64 << 20);
        }

        CliResult result = await _data.RunAsync("search");
        Assert.Equal((ExitCode.No, ""), (result.Code, result.Output));
        Assert.StartsWith($"estream: {what}", result.Error, StringComparison.Ordinal);
        Assert.Contains("has more than the ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_reports_a_workspace_without_components()
    {
        _data.Write("[components]\n");
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("install")).Code);
        Assert.Equal(["No components are installed."], (await _data.RunAsync(["graph", "--workspace", _data.Combine("workspace")])).Lines);
        Assert.Equal(["No components are installed."], (await _data.RunAsync("verify")).Lines);
    }

    [Fact]
    public async Task Mirror_reports_a_missing_component()
    {
        await _data.PublishAsync(Iot());
        string to = _data.Combine("mirror");
        (await _data.RunAsync(["mirror", _data.Place.Location, $"directory:{to}", "esf-iot", "@acme/fix"])).AssertFailed(ExitCode.No,
            "has no component @acme/fix", "Check the name.");
        Assert.False(Directory.Exists(to));
    }

    [Fact]
    public async Task Show_lists_releases_newest_first()
    {
        await _data.PublishAsync(Card("1.0.0"), Card("1.1.0"));
        await _data.Place.YankAsync(ComponentName.Parse("@acme/card"), SemanticVersion.Parse("1.0.0"), "It rings.", CancellationToken.None);
        await _data.Registry.SayAsync(_data.Place);
        CliResult text = await _data.RunAsync("show", "@acme/card");
        Assert.Equal("@acme/card 1.1.0  wire-adapter, Apache-2.0, from components.example/main, 2023-11-14", text.Lines[0]);
        Assert.Contains("    requires esf-iot ^1.2", text.Lines);
        Assert.Contains("    yanked: It rings.", text.Lines);
        CliResult json = await _data.RunAsync("show", "@acme/card", "--json");
        Assert.Equal(["1.1.0", "1.0.0"],
            json.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("version").GetString()));
        (await _data.RunAsync("show", "fix")).AssertFailed(ExitCode.No, "has no component fix");

        // `show` prints only text that the registry has signed. Plain replaces control characters in all other texts.
        string index = _data.Combine("registry", "index", "@acme", "card.json"), text1 = await File.ReadAllTextAsync(index);
        string named = Directory.GetFiles(_data.Combine("registry", "catalog")).Single(file => File.ReadAllText(file) == text1);
        await File.WriteAllTextAsync(named, text1.Replace("It rings.", "It sings.", StringComparison.Ordinal));
        (await _data.RunAsync("show", "@acme/card")).AssertFailed(ExitCode.No, "with content that it did not sign", "Use another mirror");
        CliResult refused = await _data.RunAsync("show", "@acme/card", "--json");
        JsonElement why = JsonDocument.Parse(Assert.Single(refused.Lines)).RootElement;
        Assert.Equal((ExitCode.No, "", "refused"), (refused.Code, refused.Error, why.GetProperty("status").GetString()));
        Assert.Contains("with content that it did not sign", why.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("It rings?[31m.\n", WorkspaceText.Plain("It rings\u001b[31m.\n"));
    }

    [Fact]
    public async Task Graph_prints_a_tree_a_picture_or_json()
    {
        (await _data.RunAsync(["graph", "--workspace", _data.Combine("workspace")])).AssertFailed(ExitCode.Failed,
            "Run 'estream marketplace install'.");
        await _data.PublishAsync(Card(), Iot(), new PublishedRelease("doors 2.0.0", ["@acme/card ^1", "esf-iot ^1"]));
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("install", "doors", "--yes")).Code);
        string[] graph = ["graph", "--workspace", _data.Combine("workspace")];
        Assert.Equal(
            ["doors 2.0.0  components.example/main", "  @acme/card 1.0.0  components.example/main",
                "    esf-iot 1.2.0  components.example/main, for IoTReading", "  esf-iot 1.2.0 (above)"],
            (await _data.RunAsync(graph)).Lines);
        CliResult dot = await _data.RunAsync([.. graph, "--dot"]);
        Assert.Equal("digraph workspace {", dot.Lines[0]);
        Assert.Contains("  \"doors\" -> \"@acme/card\";", dot.Lines);
        CliResult json = await _data.RunAsync([.. graph, "--json"]);
        Assert.Equal([false, true, false],
            json.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("direct").GetBoolean()));
    }

    [Fact]
    public async Task Mirror_copies_all_releases_and_an_install_from_the_mirror_gives_the_same_lock()
    {
        await _data.PublishAsync(Card(), Iot());
        await _data.RunAsync("install", "@acme/card", "--yes");
        byte[] first = await File.ReadAllBytesAsync(_data.LockPath);
        string[] mirror =
            ["mirror", "directory:" + _data.Combine("registry"), "oci:" + _data.Combine("mirror"), "--cache", _data.Combine("cache")];
        CliResult copied = await _data.RunAsync(mirror);
        Assert.Equal((ExitCode.Ok, ""), (copied.Code, copied.Error));
        Assert.Equal(["+ @acme/card 1.0.0", "+ esf-iot 1.2.0"], copied.Lines[..2]);
        Assert.Empty((await _data.RunAsync([.. mirror, "--json"])).Lines);
        (await _data.RunAsync(["mirror", "registry", "oci:mirror"])).AssertFailed(ExitCode.Failed,
            "'registry' is not a registry address");

        string text = await File.ReadAllTextAsync(_data.ManifestPath);
        await File.WriteAllTextAsync(_data.ManifestPath, text.Replace("directory:../registry", "oci:../mirror", StringComparison.Ordinal));
        File.Delete(_data.LockPath);
        Directory.Delete(_data.Combine("cache"), recursive: true);
        Directory.Delete(_data.Combine("registry"), recursive: true);
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("install", "--yes")).Code);
        Assert.Equal(first, await File.ReadAllBytesAsync(_data.LockPath));
    }

    [Fact]
    public async Task A_command_without_arguments_refers_to_its_help()
    {
        (await _data.RunAsync([])).AssertFailed(ExitCode.Failed, "See: estream marketplace --help");
        (await _data.RunAsync(["remove"])).AssertFailed(ExitCode.Failed, "See: estream marketplace remove --help");
    }
}
