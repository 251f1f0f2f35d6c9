using System.Text.Json;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>Log entries of owners about namespaces and releases, signed in one place and accepted into the log in another.</summary>
public sealed class SignedEntryFileTests : IDisposable
{
    private readonly PublisherRig _rig = new();

    private string Entry => _rig.At("entry.json");

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task An_owner_who_does_not_run_the_registry_can_claim_a_namespace()
    {
        await _rig.OkAsync("registry", "create", _rig.Registry, "--name", PublisherRig.RegistryName);
        string owner = await _rig.NewKeyAsync("owner.key"), stranger = await _rig.NewKeyAsync("stranger.key");
        CliResult signed = await _rig.OkAsync("key", "claim", "@acme", "--key", owner, "--out", Entry);
        Assert.Contains("record 1 of @acme, signed. Next, on the machine of the registry: estream marketplace registry take "
            + "", signed.Output,
            StringComparison.Ordinal);
        CliResult taken = await TakeAsync("--json");
        JsonElement said = JsonDocument.Parse(Assert.Single(taken.Lines)).RootElement;
        Assert.Equal((ExitCode.Ok, "@acme", 0),
            (taken.Code, said.GetProperty("namespace").GetString(), said.GetProperty("logIndex").GetInt32()));
        Assert.Contains("record 1", (await _rig.OkAsync("key", "show", "@acme", "--registry", _rig.Registry)).Output,
            StringComparison.Ordinal);

        // A later claim of someone else is rejected, regardless of who submits it.
        await _rig.OkAsync("key", "claim", "@acme", "--key", stranger, "--out", Entry);
        (await TakeAsync()).AssertFailed(ExitCode.No, "already has an owner");
    }

    [Fact]
    public async Task Only_owners_can_mark_releases_and_revoke_keys()
    {
        await _rig.BeginAsync();
        Assert.Equal(ExitCode.Ok, (await _rig.PublishAsync(await _rig.PackAsync(await _rig.ScaffoldAsync("theme")))).Code);
        string stranger = await _rig.NewKeyAsync("stranger.key");
        string[] yank = ["yank", "@acme/doors@0.1.0", "--reason", "Breaks.", "--out", Entry];
        await _rig.OkAsync([.. yank, "--key", stranger]);
        (await TakeAsync()).AssertFailed(ExitCode.No, "refuses the entry");
        await _rig.OkAsync([.. yank, "--key", _rig.Key]);
        Assert.Equal("@acme/doors 0.1.0: yank: accepted, entry 2 of the log\n", (await TakeAsync()).Output);
        await _rig.OkAsync("deprecate", "@acme/doors@0.1.0", "--reason", "Use 0.2.", "--key", _rig.Key, "--out", Entry);
        Assert.Contains("deprecate: accepted, entry 3", (await TakeAsync()).Output, StringComparison.Ordinal);

        string[] revoke =
            ["key", "revoke", "@acme", "--revoked", _rig.Key + ".pub", "--reason", "Stolen.", "--key", _rig.Key, "--out", Entry];
        (await _rig.RunAsync(revoke)).AssertFailed(ExitCode.Failed, "--out requires --from INDEX");
        await _rig.OkAsync([.. revoke, "--from", "4"]);
        CliResult taken = await TakeAsync();
        Assert.True(taken.Code == ExitCode.Ok, taken.Error);
        Assert.Contains("a revoked key of @acme: accepted, entry 4", taken.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_key_holder_can_rotate_keys_with_the_next_version_number()
    {
        await _rig.BeginAsync();
        string next = await _rig.NewKeyAsync("next.key"), stranger = await _rig.NewKeyAsync("stranger.key");
        string[] rotate = ["key", "rotate", "@acme", "--new-key", next, "--out", Entry];
        (await _rig.RunAsync([.. rotate, "--key", _rig.Key])).AssertFailed(ExitCode.Failed, "--out requires --serial N");
        await _rig.OkAsync([.. rotate, "--key", _rig.Key, "--serial", "3"]);
        (await TakeAsync()).AssertFailed(ExitCode.No, "does not follow the last one");
        await _rig.OkAsync([.. rotate, "--key", stranger, "--serial", "2"]);
        (await TakeAsync()).AssertFailed(ExitCode.No, "refuses the entry");
        await _rig.OkAsync([.. rotate, "--key", _rig.Key, "--serial", "2"]);
        Assert.Equal("record 2 of @acme: accepted, entry 1 of the log\n", (await TakeAsync()).Output);

        // A rotation may name the same key again, to keep it for a longer time.
        await _rig.OkAsync("key", "rotate", "@acme", "--key", next, "--new-key", next, "--serial", "3", "--out", Entry);
        Assert.Equal("record 3 of @acme: accepted, entry 2 of the log\n", (await TakeAsync()).Output);
    }

    [Fact]
    public async Task A_file_that_is_not_an_entry_or_is_half_of_a_release_is_rejected()
    {
        await _rig.BeginAsync();
        File.WriteAllText(Entry, "{}");
        (await TakeAsync()).AssertFailed(ExitCode.No, "is not a valid signed entry", "Ask its author to sign it again");
        File.WriteAllText(Entry, new string(' ', 100_000));
        (await TakeAsync()).AssertFailed(ExitCode.No, "is longer than the maximum entry of 65535 bytes");
        string publicFolder = Path.Combine(_rig.Registry, "public"), package = await _rig.PackAsync(await _rig.ScaffoldAsync("theme"));
        await _rig.OkAsync(
            "publish", package, "--key", _rig.Key, "--out", _rig.At("handed"), "--from", $"directory:{publicFolder}", "--root",
            Path.Combine(publicFolder, "roles", "1.root.json"), "--cache", _rig.At("cache"));
        (await _rig.RunAsync("registry", "take", _rig.At("handed/entry.json"), "--registry", _rig.Registry)).AssertFailed(ExitCode.No,
            "is part of a signed release", "publish --signed");
        (await _rig.RunAsync("key", "claim", "@other", "--key", _rig.Key)).AssertFailed(ExitCode.Failed,
            "Give either --registry with a local registry, or --out with a file");
        (await _rig.RunAsync("yank", "@acme/doors@0.1.0", "--reason", "x", "--key", _rig.Key, "--out", Entry, "--registry",
            _rig.Registry)).AssertFailed(ExitCode.Failed, "Give either --registry with a local registry, or --out with a file");
    }

    private Task<CliResult> TakeAsync(params string[] more) =>
        _rig.RunAsync(["registry", "take", Entry, "--registry", _rig.Registry, .. more]);
}
