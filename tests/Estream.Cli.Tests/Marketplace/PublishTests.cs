using System.Text.Json;
using Estream.Core;
using Estream.Marketplace;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Roles;
using Estream.Testing;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>Publishing on the command line: rejections, and verification of published releases with only the root of the
/// registry.</summary>
public sealed class PublishTests : IDisposable
{
    private readonly PublisherRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_namespace_of_another_owner_is_rejected()
    {
        await _rig.BeginAsync();
        string package = await _rig.PackAsync(await _rig.ScaffoldAsync("theme")), stranger = await _rig.NewKeyAsync("stranger.key");
        (await _rig.PublishAsync(package, stranger)).AssertFailed(ExitCode.No, "@acme/doors 0.1.0 is not published", "'@acme'");
        (await _rig.RunAsync("key", "claim", "@acme", "--key", stranger, "--registry", _rig.Registry)).AssertFailed(ExitCode.No,
            "already has an owner");
        string other = await _rig.PackAsync(await _rig.ScaffoldAsync("skill", "@nobody/doors"), "other.escx");
        (await _rig.PublishAsync(other)).AssertFailed(ExitCode.No, "the namespace '@nobody' has no owner");
    }

    [Fact]
    public async Task A_published_version_with_other_bytes_is_rejected_and_a_patch_of_an_older_line_is_accepted()
    {
        await _rig.BeginAsync();
        string folder = await _rig.ScaffoldAsync("theme"), manifest = Path.Combine(folder, "estream-component.toml");
        string package = await _rig.PackAsync(folder);
        CliResult first = await _rig.PublishAsync(package);
        Assert.Contains("@acme/doors 0.1.0 is published in components.example.org/main, entry 1", first.Lines[0], StringComparison.Ordinal);
        Assert.Contains("already exists unchanged", (await _rig.PublishAsync(package)).Output, StringComparison.Ordinal);
        File.AppendAllText(Path.Combine(folder, "theme.css"), "\n/* a */\n");
        (await _rig.PublishAsync(await _rig.PackAsync(folder))).AssertFailed(ExitCode.No, "in the log", "Publish a new version");
        foreach (string version in (string[])["2.0.0", "0.1.1"])
        {
            PublisherRig.Replace(manifest, version == "2.0.0" ? "0.1.0" : "2.0.0", version);
            Assert.Equal(ExitCode.Ok, (await _rig.PublishAsync(await _rig.PackAsync(folder))).Code);
        }

        IReadOnlyList<RegistryRelease> releases = await Place().ListAsync(ComponentName.Parse("@acme/doors"), CancellationToken.None);
        Assert.Equal(["0.1.0", "0.1.1", "2.0.0"], releases.Select(release => release.Version.ToString()));
    }

    [Fact]
    public async Task A_key_file_readable_by_others_is_rejected()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await _rig.BeginAsync();
        string package = await _rig.PackAsync(await _rig.ScaffoldAsync("theme"));
        File.SetUnixFileMode(_rig.Key, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        (await _rig.PublishAsync(package)).AssertFailed(ExitCode.Failed, "owner.key", "chmod 600");
        File.SetUnixFileMode(_rig.Key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.SetUnixFileMode(Path.Combine(_rig.Registry, "keys", "snapshot.key"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        (await _rig.PublishAsync(package)).AssertFailed(ExitCode.Failed, "snapshot.key", "chmod 600");
    }

    [Theory]
    [InlineData("publish", "PIPE", "--key", "KEY", "--registry", "REGISTRY")]
    [InlineData("publish", "PACKAGE", "--key", "PIPE", "--registry", "REGISTRY")]
    [InlineData("approve", "@acme/doors@0.1.0", "--signed", "PIPE", "--registry", "REGISTRY")]
    [InlineData("approve", "PIPE", "--key", "KEY", "--registry", "REGISTRY")]
    [InlineData("rebuild", "PIPE", "--from", "FOLDER")]
    [InlineData("verify", "PIPE", "--root", "ROOT")]
    [InlineData("install", "--workspace", "WORKSPACE")]
    public async Task A_pipe_in_place_of_a_file_does_not_block(params string[] args)
    {
        await _rig.BeginAsync();
        string folder = await _rig.ScaffoldAsync("theme"), package = await _rig.PackAsync(folder), pipe = _rig.At("pipe.escx"),
        workspace = _rig.At("workspace");
        Directory.CreateDirectory(workspace);
        string[] pipes = [pipe, Path.Combine(workspace, "estream-workspace.toml")];
        ChildProcess.Run("mkfifo", ["--mode=600", .. pipes]).EnsureSuccess();
        string[] named =
        [
            .. args.Select(arg => arg switch
            {
                "PIPE" => pipe, "PACKAGE" => package, "KEY" => _rig.Key, "REGISTRY" => _rig.Registry, "FOLDER" => folder,
                "WORKSPACE" => workspace,
                "ROOT" => Path.Combine(_rig.Registry, "public", "roles", "1.root.json"), _ => arg,
            }),
        ];
        Task<CliResult> run = Task.Run(() => _rig.RunAsync(named));
        Eventually.True(() => run.IsCompleted, "the command returns");
        (await run).AssertFailed(ExitCode.Failed, pipes[args[0] == "install" ? 1 : 0], "is a pipe, a socket or a device, not a file");
    }

    [Fact]
    public async Task A_registry_whose_log_was_lost_refuses_changes_instead_of_starting_a_new_log()
    {
        await _rig.BeginAsync();
        string log = Path.Combine(_rig.Registry, "public", "log");
        Directory.Delete(log, recursive: true);
        (await _rig.RunAsync("key", "show", "@acme", "--registry", _rig.Registry)).AssertFailed(ExitCode.Failed, "has 0 entries",
            "but the registry has signed 1", "Restore it from a copy");
        (await _rig.RunAsync("key", "claim", "@acme", "--key", _rig.Key, "--registry", _rig.Registry)).AssertFailed(ExitCode.Failed,
            "Restore it from a copy");
        (await _rig.RunAsync("registry", "renew", "--registry", _rig.Registry)).AssertFailed(ExitCode.Failed, "Restore it from a copy");
        Assert.False(File.Exists(Path.Combine(log, "checkpoint")));
    }

    [Fact]
    public async Task A_file_that_is_not_a_package_and_a_folder_that_is_not_a_registry_are_reported()
    {
        string file = _rig.At("no.escx");
        File.WriteAllText(file, "no package");
        await _rig.NewKeyAsync("owner.key");
        (await _rig.PublishAsync(file)).AssertFailed(ExitCode.No, "is not a valid package");
        string package = await _rig.PackAsync(await _rig.ScaffoldAsync("theme"));
        (await _rig.PublishAsync(package)).AssertFailed(ExitCode.Failed, "There is no registry");
        (await _rig.RunAsync("registry", "create", _rig.Registry, "--name", "no name")).AssertFailed(ExitCode.Failed,
            "is not a registry name");
        (await _rig.RunAsync("yank", "@acme/doors", "--reason", "x", "--key", _rig.Key, "--registry", _rig.Registry)).AssertFailed(
            ExitCode.Failed, "NAME@VERSION");
    }

    [Fact]
    public async Task Releases_can_be_marked_and_keys_rotated_and_revoked()
    {
        await _rig.BeginAsync();
        string folder = await _rig.ScaffoldAsync("theme");
        await _rig.PublishAsync(await _rig.PackAsync(folder));
        string[] signed = ["--key", _rig.Key, "--registry", _rig.Registry];
        await _rig.OkAsync(["yank", "@acme/doors@0.1.0", "--reason", "Breaks.", .. signed]);
        await _rig.OkAsync(["deprecate", "@acme/doors@0.1.0", "--reason", "Use 0.2.", .. signed]);
        (await _rig.RunAsync(["yank", "@acme/doors@9.0.0", "--reason", "Breaks.", .. signed])).AssertFailed(ExitCode.No, "never published");
        RegistryRelease release = Assert.Single(await Place().ListAsync(ComponentName.Parse("@acme/doors"), CancellationToken.None));
        Assert.Equal(("Breaks.", "Use 0.2."), (release.YankReason, release.Deprecation));
        await _rig.OkAsync(["yank", "@acme/doors@0.1.0", "--reason", "Mended.", "--undo", .. signed]);

        string next = await _rig.NewKeyAsync("next.key");
        await _rig.OkAsync(["key", "rotate", "@acme", "--new-key", next, .. signed]);
        await _rig.OkAsync("key", "revoke", "@acme", "--revoked", _rig.Key + ".pub", "--reason", "Stolen.", "--key", next, "--registry",
            _rig.Registry);
        PublisherRig.Replace(Path.Combine(folder, "estream-component.toml"), "0.1.0", "0.2.0");
        string package = await _rig.PackAsync(folder);
        (await _rig.PublishAsync(package)).AssertFailed(ExitCode.No, "its signature is not by the owners of '@acme'");
        Assert.Equal(ExitCode.Ok, (await _rig.PublishAsync(package, next)).Code);
        string[] last = ["key", "revoke", "@acme", "--revoked", next + ".pub", "--reason", "Lost.", "--key", next, "--registry",
            _rig.Registry];
        (await _rig.RunAsync(last)).AssertFailed(ExitCode.No, "closed permanently", "'estream marketplace key rotate'",
            "--close-namespace");
        CliResult shown = await _rig.OkAsync("key", "show", "@acme", "--registry", _rig.Registry, "--json");
        Assert.True(JsonDocument.Parse(Assert.Single(shown.Lines)).RootElement.GetProperty("counts").GetBoolean());
        await VerifyAllAsync(2);
        CliResult renewed = await _rig.OkAsync("registry", "renew", "--registry", _rig.Registry, "--json");
        Assert.Equal(2, JsonDocument.Parse(Assert.Single(renewed.Lines)).RootElement.GetProperty("bundles").GetInt32());
        await VerifyAllAsync(2);
        await _rig.OkAsync([.. last, "--close-namespace"]);
        CliResult closed = await _rig.OkAsync("key", "show", "@acme", "--registry", _rig.Registry);
        Assert.Contains("revoked", closed.Output, StringComparison.Ordinal);
    }

    public static TheoryData<string> Categories => [.. ComponentCategories.Names];

    [Theory]
    [MemberData(nameof(Categories))]
    public async Task A_scaffolded_component_lints_tests_packs_publishes_and_verifies(string template)
    {
        await _rig.BeginAsync();
        string folder = await _rig.ScaffoldAsync(template);
        await _rig.OkAsync("lint", folder);
        CliResult tested = await _rig.OkAsync("test", folder);
        Assert.Contains(template is "esf-schema" or "smart-circuit" or "fpga-circuit" ? "passed: " : "nothing was run", tested.Output,
            StringComparison.Ordinal);
        string package = await _rig.PackAsync(folder);
        await _rig.OkAsync("rebuild", package, "--from", folder);
        CliResult published = await _rig.PublishAsync(package);
        Assert.True(published.Code == ExitCode.Ok, published.Error);
        await VerifyAllAsync(1);
    }

    private DirectoryRegistry Place() => new(Path.Combine(_rig.Registry, "public"));

    /// <summary>Verifies like a client that has only the first root.</summary>
    private async Task VerifyAllAsync(int count)
    {
        DirectoryRegistry place = Place();
        TrustAnchor anchor = new(File.ReadAllBytes(Path.Combine(_rig.Registry, "public", "roles", "1.root.json")));
        IReadOnlyList<RegistryRelease> releases = await place.ListAsync(ComponentName.Parse("@acme/doors"), CancellationToken.None);
        Assert.Equal(count, releases.Count);
        foreach (RegistryRelease release in releases)
        {
            Assert.True(
                ComponentBundle.TryRead(await place.ReadBundleAsync(release, CancellationToken.None), out ComponentBundle? bundle,
                    out string? reason), reason);
            using MemoryStream package = new(await place.ReadPackageAsync(release, CancellationToken.None));
            BundleVerdict verdict =
                new BundleVerifier(BundleTrust.Of(anchor.Root), SystemClock.Instance, TimeSpan.FromDays(1)).Verify(bundle, package);
            Assert.True(verdict.IsAccepted, verdict.Reason);
            Assert.Equal(release.Version, verdict.Release.Version);
        }
    }
}
