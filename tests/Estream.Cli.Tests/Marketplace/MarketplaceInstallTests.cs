using System.Text.Json;
using Estream.Esf.Schema;
using Estream.Marketplace;
using static Estream.Cli.Tests.Marketplace.MarketplaceData;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>The commands install, update, remove and rollback.</summary>
public sealed class MarketplaceInstallTests : IDisposable
{
    private readonly MarketplaceData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_component_is_requested_approved_and_installed()
    {
        await _data.PublishAsync(Card("1.0.0", "network"), Iot());
        CliResult asked = await _data.RunAsync("install", "@acme/card");
        Assert.Equal((ExitCode.No, ""), (asked.Code, asked.Error));
        Assert.Contains("    needs approval: @acme/card 1.0.0 asks for the permission network", asked.Lines);
        Assert.EndsWith("run the command again with --yes.", asked.Lines[^1], StringComparison.Ordinal);
        Assert.False(File.Exists(_data.LockPath));
        Assert.DoesNotContain("card", await File.ReadAllTextAsync(_data.ManifestPath), StringComparison.Ordinal);

        CliResult done = await _data.RunAsync("install", "@acme/card", "--yes");
        Assert.Equal((ExitCode.Ok, ""), (done.Code, done.Error));
        Assert.Contains("+ @acme/card 1.0.0  from components.example/main, tier experimental", done.Lines);
        Assert.Contains("\"@acme/card\" = \"^1.0.0\"\n", await File.ReadAllTextAsync(_data.ManifestPath), StringComparison.Ordinal);
        Assert.Equal("2 components are installed; nothing changed.", Assert.Single((await _data.RunAsync("install")).Lines));
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("install", "--locked")).Code);
    }

    [Fact]
    public async Task Code_for_the_host_needs_approval_even_without_permissions()
    {
        await _data.PublishAsync(Iot());
        CliResult asked = await _data.RunAsync("install", "esf-iot");
        Assert.Equal((ExitCode.No, ""), (asked.Code, asked.Error));
        Assert.Contains(
            "    needs approval: esf-iot 1.2.0 runs inside the host with all rights of the host and without a sandbox: its "
            + "permissions are not enforced", asked.Lines);
        Assert.False(File.Exists(_data.LockPath));
    }

    [Theory]
    [InlineData("*.escx", "damaged")]
    [InlineData("*.escx", "grown")]
    [InlineData("*.escb", "damaged")]
    [InlineData("*.escb", "gone")]
    public async Task Files_that_a_registry_serves_damaged_or_not_at_all_are_rejected(string files, string how)
    {
        await _data.PublishAsync(Iot());
        string file = Assert.Single(Directory.GetFiles(_data.Combine("registry"), files, SearchOption.AllDirectories));
        byte[] bytes = await File.ReadAllBytesAsync(file);
        File.Delete(file);
        if (how != "gone")
        {
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(file, how == "grown" ? [.. bytes, .. bytes] : bytes);
        }

        CliResult json = await _data.RunAsync("install", "esf-iot", "--yes", "--json");
        Assert.Equal((ExitCode.No, "refused"), (json.Code, Json(json).GetProperty("status").GetString()));
        CliResult text = await _data.RunAsync("install", "esf-iot", "--yes");
        Assert.Equal((ExitCode.No, ""), (text.Code, text.Output));
        Assert.StartsWith("estream: ", text.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_data.LockPath));
    }

    [Theory]
    [InlineData("install")]
    [InlineData("update")]
    [InlineData("remove")]
    [InlineData("search")]
    public async Task An_unknown_option_is_not_taken_as_an_argument(string verb)
    {
        CliResult result = await _data.RunAsync(verb, "--nope");
        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Contains("Unrecognized command or argument '--nope'", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_output_lists_changes_and_required_approvals()
    {
        await _data.PublishAsync(Card("1.0.0", "network"), Iot());
        JsonElement result = Json(await _data.RunAsync("install", "@acme/card@^1", "--json"));
        Assert.Equal("needs-approval", result.GetProperty("status").GetString());
        JsonElement card = result.GetProperty("changes")[0];
        Assert.Equal(("@acme/card", "1.0.0", JsonValueKind.Null),
            (card.GetProperty("name").GetString(), card.GetProperty("to").GetString(), card.GetProperty("from").ValueKind));
        Assert.Equal("@acme/card 1.0.0 asks for the permission network", card.GetProperty("approve")[1].GetString());
        Assert.Equal("installed",
            Json(await _data.RunAsync("install", "@acme/card@^1", "--json", "--approve")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_component_exempt_from_the_cooldown_gets_its_newest_release()
    {
        await _data.PublishAsync(Card(), Iot());
        _data.Manual.Pass(TimeSpan.FromHours(80));
        await _data.PublishAsync(Card("1.1.0"), Iot("1.3.0"));
        _data.Write("[components]\n\n[cooldown]\nhours = 72\nexempt = [\"@acme/card\"]\n");
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("install", "@acme/card", "esf-iot", "--yes")).Code);
        string text = await File.ReadAllTextAsync(_data.ManifestPath);
        Assert.Contains("\"@acme/card\" = \"^1.1.0\"\n", text, StringComparison.Ordinal);
        Assert.Contains("esf-iot = \"^1.2.0\"\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_conflicting_or_invalid_requests_are_reported_and_change_nothing()
    {
        await _data.PublishAsync(Card());
        CliResult unknown = await _data.RunAsync("install", "@acme/crad", "--yes");
        Assert.Equal((ExitCode.No, ""), (unknown.Code, unknown.Output));
        Assert.Contains("@acme/crad", unknown.Error, StringComparison.Ordinal);
        JsonElement conflict = Json(await _data.RunAsync("install", "@acme/card", "--yes", "--json"));
        Assert.Equal("conflict", conflict.GetProperty("status").GetString());
        Assert.Contains("IoTReading", conflict.GetProperty("message").GetString(), StringComparison.Ordinal);
        (await _data.RunAsync("install", "@acme/card@one")).AssertFailed(ExitCode.Failed, "'one' is not a valid version range");
        (await _data.RunAsync("install", "Card")).AssertFailed(ExitCode.Failed, "'Card' is not a valid component name");
        (await _data.RunAsync("install", "@other/card")).AssertFailed(ExitCode.Failed,
            "No registry is configured for the scope '@other', so @other/card",
            "Add one under [registries] in estream-workspace.toml.");
        (await _data.RunAsync("install", "@acme/card", "--locked")).AssertFailed(
            ExitCode.Failed, "--locked cannot be combined with "
            + "components.");
        (await _data.RunAsync("install", "--cooldown", "soon")).AssertFailed(ExitCode.Failed,
            "--cooldown takes minutes, hours or days", "'soon'");
        Assert.False(File.Exists(_data.LockPath));
    }

    [Fact]
    public async Task An_unpinned_registry_and_a_missing_workspace_are_each_reported_in_one_line()
    {
        await File.WriteAllTextAsync(_data.ManifestPath, "[registries]\ndefault = \"directory:../registry\"\n");
        (await _data.RunAsync("install", "esf-iot")).AssertFailed(ExitCode.Failed, "has no trust root",
            "[trust] default = \"FILE\"");
        await File.WriteAllTextAsync(_data.ManifestPath, "[registry]\n");
        (await _data.RunAsync("install")).AssertFailed(ExitCode.Failed, "estream-workspace.toml", "[registry]");
        File.Delete(_data.ManifestPath);
        (await _data.RunAsync("install")).AssertFailed(ExitCode.Failed, "There is no estream-workspace.toml", "--workspace");
    }

    [Fact]
    public async Task Install_with_locked_fails_when_the_manifest_differs_from_the_lock()
    {
        await _data.PublishAsync(Iot());
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("install", "esf-iot@^1", "--yes")).Code);
        _data.Write("[components]\nesf-iot = \"^1.2\"\n");
        CliResult result = await _data.RunAsync("install", "--locked");
        Assert.Equal(ExitCode.No, result.Code);
        Assert.Contains("Install without --locked", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cooldown_excludes_recent_releases()
    {
        await _data.PublishAsync(Iot("1.2.0"));
        _data.Manual.Pass(TimeSpan.FromHours(100));
        await _data.PublishAsync(Iot("1.3.0"));
        CliResult result = await _data.RunAsync("install", "esf-iot", "--cooldown", "3d", "--yes");
        Assert.Contains("+ esf-iot 1.2.0  from components.example/main, tier experimental", result.Lines);
        Assert.Contains("~ esf-iot 1.2.0 -> 1.3.0  from components.example/main, tier experimental", (await _data.RunAsync("update",
            "esf-iot")).Lines);
    }

    [Fact]
    public async Task An_update_with_more_permissions_needs_approval_and_can_be_rolled_back()
    {
        await _data.PublishAsync(Card(), Iot());
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("install", "@acme/card", "--yes")).Code);
        byte[] before = await File.ReadAllBytesAsync(_data.LockPath);
        await _data.PublishAsync(Card("1.1.0", "network"));
        CliResult asked = await _data.RunAsync("update");
        Assert.Equal(ExitCode.No, asked.Code);
        Assert.Contains("    needs approval: @acme/card 1.1.0 asks for the permission network, which 1.0.0 does not have", asked.Lines);
        Assert.Equal(before, await File.ReadAllBytesAsync(_data.LockPath));
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("update", "@acme/card", "--yes")).Code);
        Assert.NotEqual(before, await File.ReadAllBytesAsync(_data.LockPath));

        CliResult back = await _data.RunAsync("rollback");
        Assert.Equal((ExitCode.Ok,
            "~ @acme/card 1.1.0 -> 1.0.0  from components.example/main, tier experimental\n2 components are installed.\n"),
            (back.Code, back.Output));
        Assert.Equal(before, await File.ReadAllBytesAsync(_data.LockPath));
        (await _data.RunAsync("update", "fix")).AssertFailed(ExitCode.No, "fix is not in the workspace");

        string[] records = await _data.ReadAuditAsync();
        Assert.Equal(["marketplace install", "marketplace update", "marketplace rollback"],
            records.Select(record => record.Split(": ")[1].Split(' ') is var words ? $"{words[0]} {words[1]}" : ""));
        Assert.Contains("@acme/card 1.1.0 -> 1.0.0", records[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("damaged")]
    [InlineData("grown")]
    [InlineData("gone")]
    public async Task A_rollback_to_a_release_that_is_missing_or_changed_in_the_registry_is_rejected(string how)
    {
        await _data.PublishAsync(Card(), Iot());
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("install", "@acme/card", "--yes")).Code);
        await _data.PublishAsync(Card("1.1.0"));
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("update", "--yes")).Code);
        Directory.Delete(_data.Combine("cache"), recursive: true);
        string file = Assert.Single(Directory.GetFiles(_data.Combine("registry"), "1.0.0.escx", SearchOption.AllDirectories));
        byte[] bytes = await File.ReadAllBytesAsync(file), locked = await File.ReadAllBytesAsync(_data.LockPath);
        File.Delete(file);
        if (how != "gone")
        {
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(file, how == "grown" ? [.. bytes, .. bytes] : bytes);
        }

        CliResult json = await _data.RunAsync("rollback", "--json");
        Assert.Equal((ExitCode.No, "", "refused"), (json.Code, json.Error, Json(json).GetProperty("status").GetString()));
        CliResult text = await _data.RunAsync("rollback");
        Assert.Equal((ExitCode.No, ""), (text.Code, text.Output));
        Assert.Contains("1.0.0.escx", text.Error, StringComparison.Ordinal);
        Assert.Equal(locked, await File.ReadAllBytesAsync(_data.LockPath));
    }

    [Fact]
    public async Task A_lock_of_an_older_format_is_rejected_with_the_command_to_run()
    {
        const string Member = "\"runsInHost\":true,";
        await _data.PublishAsync(Iot());
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("install", "esf-iot", "--yes")).Code);
        string text = await File.ReadAllTextAsync(_data.LockPath);
        Assert.Contains(Member, text, StringComparison.Ordinal);
        string older = text.Replace(Member, "", StringComparison.Ordinal);
        await File.WriteAllTextAsync(_data.LockPath, older);
        (await _data.RunAsync("install", "--locked")).AssertFailed(ExitCode.No, "esf-iot 1.2.0 is a wire adapter",
            "an older version of this program wrote the lock file", "'estream marketplace install' without --locked", "commit the lock");
        Assert.Contains("an older version of this program wrote the lock file", (await _data.RunAsync("verify")).Output,
            StringComparison.Ordinal);

        // A lock with another fault is not reported as written by an older version.
        await File.WriteAllTextAsync(_data.LockPath,
            older.Replace("\"permissions\":[]", "\"permissions\":[\"network\"]", StringComparison.Ordinal));
        (await _data.RunAsync("install", "--locked")).AssertFailed(ExitCode.No, "is not the release in", "Do not install it");
        await File.WriteAllTextAsync(_data.LockPath, older);
        Assert.Contains("run the command again with --yes", (await _data.RunAsync("install")).Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("install", "--yes")).Code);
        Assert.Equal(text, await File.ReadAllTextAsync(_data.LockPath));
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("install", "--locked")).Code);
    }

    [Fact]
    public async Task Later_notices_of_owners_about_installed_releases_are_shown()
    {
        await _data.PublishAsync(Card(), Iot());
        await _data.Place.DeprecateAsync(ComponentName.Parse("@acme/card"), SemanticVersion.Parse("1.0.0"), "Use bells.",
            CancellationToken.None);
        await _data.Registry.SayAsync(_data.Place);
        CliResult result = await _data.RunAsync("install", "@acme/card", "--yes");
        Assert.Equal(ExitCode.Ok, result.Code);
        Assert.Contains("! @acme/card 1.0.0 is deprecated: Use bells.", result.Lines);

        await _data.Place.YankAsync(ComponentName.Parse("@acme/card"), SemanticVersion.Parse("1.0.0"), "It rings.", CancellationToken.None);
        await _data.Registry.SayAsync(_data.Place);
        string[] said =
        [
            "! @acme/card 1.0.0 is yanked, but stays because estream-workspace.lock has it: It rings.",
            "! @acme/card 1.0.0 is deprecated: Use bells.", "2 components are installed; nothing changed.",
        ];
        Assert.Equal(said, (await _data.RunAsync("install")).Lines);
        Assert.Equal(said, (await _data.RunAsync("install", "--locked")).Lines);
        Assert.Contains("\"notices\":[\"@acme/card 1.0.0 is yanked", (await _data.RunAsync("install", "--json")).Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remove_also_removes_unused_dependencies()
    {
        await _data.PublishAsync(Card(), Iot());
        (await _data.RunAsync("rollback")).AssertFailed(ExitCode.No, "no earlier state to roll back to");
        await _data.RunAsync("install", "@acme/card", "--yes");
        (await _data.RunAsync("remove", "esf-iot")).AssertFailed(ExitCode.No, "does not contain esf-iot");
        CliResult removed = await _data.RunAsync("remove", "@acme/card");
        Assert.Equal((ExitCode.Ok, ""), (removed.Code, removed.Error));
        Assert.Equal(["- @acme/card 1.0.0", "- esf-iot 1.2.0", "0 components are installed."], removed.Lines);
        Assert.DoesNotContain("card", await File.ReadAllTextAsync(_data.ManifestPath), StringComparison.Ordinal);
    }

    private static JsonElement Json(CliResult result) => JsonDocument.Parse(Assert.Single(result.Lines)).RootElement;
}
