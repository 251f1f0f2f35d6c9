using System.Text.Json;
using Estream.Core;
using Estream.Marketplace;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>Releases of authors who do not run the registry: signed in one place, verified and published in another.</summary>
public sealed class SignedReleaseFileTests : IDisposable
{
    private readonly PublisherRig _rig = new();

    private string Public => Path.Combine(_rig.Registry, "public");

    private string Root => Path.Combine(Public, "roles", "1.root.json");

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_release_signed_elsewhere_is_published_and_names_the_previous_release()
    {
        await _rig.BeginAsync();
        string folder = await _rig.ScaffoldAsync("theme");
        CliResult signed = await SignAsync(await _rig.PackAsync(folder), "handed");
        Assert.Equal((ExitCode.Ok, ""), (signed.Code, signed.Error));
        Assert.StartsWith("@acme/doors 0.1.0 is signed for components.example.org/main and not published: ", signed.Lines[0],
            StringComparison.Ordinal);
        Assert.Empty(await ReleasesAsync());
        CliResult taken = await TakeAsync("handed");
        Assert.Equal((ExitCode.Ok, ""), (taken.Code, taken.Error));
        Assert.Contains("@acme/doors 0.1.0 is published in components.example.org/main, entry 1 of its log", taken.Lines[0],
            StringComparison.Ordinal);
        string first = Read("handed").Statement.Digest();

        NextVersion(folder, "0.1.0", "0.2.0");
        CliResult second = await SignAsync(await _rig.PackAsync(folder), "next", "--json");
        JsonElement said = JsonDocument.Parse(Assert.Single(second.Lines)).RootElement;
        Assert.Equal((first, "components.example.org/main", _rig.At("next")),
            (said.GetProperty("prevRelease").GetString(), said.GetProperty("registry").GetString(),
                said.GetProperty("folder").GetString()));
        Assert.Equal((first, said.GetProperty("release").GetString()),
            (Read("next").Statement.PrevRelease, Read("next").Statement.Digest()));
        Assert.Equal(ExitCode.Ok, (await TakeAsync("next")).Code);

        IReadOnlyList<RegistryRelease> releases = await ReleasesAsync();
        Assert.Equal(["0.1.0", "0.2.0"], releases.Select(release => release.Version.ToString()));
        TrustAnchor anchor = new(await File.ReadAllBytesAsync(Root));
        foreach (RegistryRelease release in releases)
        {
            DirectoryRegistry place = new(Public);
            Assert.True(
                ComponentBundle.TryRead(await place.ReadBundleAsync(release, CancellationToken.None), out ComponentBundle? bundle,
                    out string? reason), reason);
            using MemoryStream package = new(await place.ReadPackageAsync(release, CancellationToken.None));
            BundleVerdict verdict =
                new BundleVerifier(BundleTrust.Of(anchor.Root), SystemClock.Instance, TimeSpan.FromDays(1)).Verify(bundle, package);
            Assert.True(verdict.IsAccepted, verdict.Reason);
        }
    }

    [Fact]
    public async Task A_release_names_the_later_log_entry_of_two_releases_in_one_second_as_previous()
    {
        await _rig.BeginAsync();
        string folder = await _rig.ScaffoldAsync("theme");
        foreach ((string before, string version) in new[] { ("0.1.0", "2.0.0"), ("2.0.0", "1.0.0") })
        {
            NextVersion(folder, before, version);
            Assert.Equal(ExitCode.Ok, (await _rig.PublishAsync(await _rig.PackAsync(folder))).Code);
        }

        NextVersion(folder, "1.0.0", "1.0.1");
        Assert.Equal(ExitCode.Ok, (await SignAsync(await _rig.PackAsync(folder), "handed")).Code);
        Assert.Equal(ExitCode.Ok, (await TakeAsync("handed")).Code);
    }

    [Fact]
    public async Task A_signed_release_is_rejected_when_another_release_was_published_in_the_meantime()
    {
        await _rig.BeginAsync();
        string folder = await _rig.ScaffoldAsync("theme");
        Assert.Equal(ExitCode.Ok, (await SignAsync(await _rig.PackAsync(folder), "handed")).Code);
        NextVersion(folder, "0.1.0", "0.0.9");
        Assert.Equal(ExitCode.Ok, (await _rig.PublishAsync(await _rig.PackAsync(folder))).Code);
        (await TakeAsync("handed")).AssertFailed(ExitCode.No,
            "@acme/doors 0.1.0 is not published: it names no release as its previous release", "has the release ",
            "sign again with --out");
        Assert.Single(await ReleasesAsync());
    }

    [Fact]
    public async Task An_existing_version_is_signed_only_with_the_same_bytes()
    {
        await _rig.BeginAsync();
        string folder = await _rig.ScaffoldAsync("theme"), package = await _rig.PackAsync(folder);
        Assert.Equal(ExitCode.Ok, (await _rig.PublishAsync(package)).Code);
        Assert.Equal(ExitCode.Ok, (await SignAsync(package, "again")).Code);
        Assert.Contains("already exists unchanged", (await TakeAsync("again")).Output, StringComparison.Ordinal);
        File.AppendAllText(Path.Combine(folder, "theme.css"), "/* a */\n");
        (await SignAsync(await _rig.PackAsync(folder), "other")).AssertFailed(ExitCode.No,
            "is already published in components.example.org/main with different files", "publish a new version");
        Assert.False(Directory.Exists(_rig.At("other")));
    }

    [Fact]
    public async Task A_submitted_release_is_verified_before_it_enters_the_log()
    {
        await _rig.BeginAsync();
        string folder = await _rig.ScaffoldAsync("theme"), package = await _rig.PackAsync(folder);
        string stranger = await _rig.NewKeyAsync("stranger.key");
        Assert.Equal(ExitCode.Ok, (await SignWithAsync(stranger, package, "strange")).Code);
        (await TakeAsync("strange")).AssertFailed(ExitCode.No, "is not published", "its signature is not by the owners of '@acme'");

        await SignAsync(package, "handed");
        NextVersion(folder, "0.1.0", "0.2.0");
        await SignAsync(await _rig.PackAsync(folder), "next");
        File.Copy(_rig.At("next/entry.json"), _rig.At("handed/entry.json"), overwrite: true);
        (await TakeAsync("handed")).AssertFailed(ExitCode.No, "the submitted log entry is for another release");
        File.Copy(package, _rig.At("handed/package.escx"), overwrite: true);
        (await TakeAsync("handed")).AssertFailed(ExitCode.No, "does not contain a valid signed release", "its author has not signed it");
        File.WriteAllText(_rig.At("handed/package.escx"), "no package");
        (await TakeAsync("handed")).AssertFailed(ExitCode.No, "does not contain a valid signed release");
        File.Delete(_rig.At("handed/package.escx"));
        (await TakeAsync("handed")).AssertFailed(ExitCode.Failed, "There is no file", "package.escx");
        (await TakeAsync("gone")).AssertFailed(ExitCode.Failed, "There is no folder");
        Assert.Empty(await ReleasesAsync());
        Assert.Contains("record 1", (await _rig.OkAsync("key", "show", "@acme", "--registry", _rig.Registry)).Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_signed_from_a_registry_with_another_root_or_another_bundle()
    {
        await _rig.BeginAsync();
        string folder = await _rig.ScaffoldAsync("theme");
        Assert.Equal(ExitCode.Ok, (await _rig.PublishAsync(await _rig.PackAsync(folder))).Code);
        NextVersion(folder, "0.1.0", "0.2.0");
        string package = await _rig.PackAsync(folder), other = _rig.At("other");
        await _rig.OkAsync("registry", "create", other, "--name", "evil.example.org/main");
        string[] sign = ["publish", package, "--key", _rig.Key, "--out", _rig.At("handed"), "--cache", _rig.At("cache")];
        CliResult stranger = await _rig.RunAsync([.. sign, "--from", $"directory:{other}/public", "--root", Root]);
        Assert.Equal((ExitCode.No, ""), (stranger.Code, stranger.Output));
        Assert.Contains("is not trusted", stranger.Error, StringComparison.Ordinal);
        (await _rig.RunAsync([.. sign, "--from", $"directory:{_rig.At("away")}", "--root", Root])).AssertFailed(ExitCode.Failed,
            "is unreachable", "Check the path");
        (await _rig.RunAsync([.. sign, "--from", "registry", "--root", Root])).AssertFailed(ExitCode.Failed,
            "'registry' is not a registry address");
        (await _rig.RunAsync([.. sign, "--from", $"directory:{Public}", "--root", _rig.At("no.json")])).AssertFailed(ExitCode.Failed,
            "no.json", "does not exist");

        string bundle = Assert.Single(Directory.GetFiles(Public, "*.escb", SearchOption.AllDirectories));
        byte[] bytes = await File.ReadAllBytesAsync(bundle);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(bundle, bytes);
        CliResult forged = await _rig.RunAsync([.. sign, "--from", $"directory:{Public}", "--root", Root, "--json"]);
        JsonElement refused = JsonDocument.Parse(Assert.Single(forged.Lines)).RootElement;
        Assert.Equal((ExitCode.No, "refused"), (forged.Code, refused.GetProperty("status").GetString()));
        Assert.Contains("does not prove what components.example.org/main signed", refused.GetProperty("message").GetString(),
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(_rig.At("handed")));
    }

    [Theory]
    [InlineData("--registry r", "Give either FILE with the package to publish, or --signed")]
    [InlineData("doors.escx --registry r", "Give the key of an owner")]
    [InlineData("doors.escx --key k", "Give --registry with a local registry, --to with a marketplace server, or --out")]
    [InlineData("doors.escx --key k --registry r --to http://127.0.0.1:1", "--to cannot be combined with --registry")]
    [InlineData("doors.escx --key k --registry r --token-file t", "--token-file requires --to")]
    [InlineData("doors.escx --key k --out d", "--out requires --from ADDRESS and --root FILE")]
    [InlineData("doors.escx --key k --out d --from a --root f --registry r", "--out cannot be combined with --registry")]
    [InlineData("doors.escx --key k --from a --registry r", "--from and --root require --out")]
    [InlineData("--signed d --key k --registry r", "is already signed")]
    [InlineData("doors.escx --signed d --registry r", "is already signed")]
    [InlineData("--signed d", "Give --registry with a local registry")]
    public async Task Incompatible_arguments_are_rejected_with_the_reason(string words, string part) =>
        (await _rig.RunAsync(["publish", .. words.Split(' ')])).AssertFailed(ExitCode.Failed, part);

    private static void NextVersion(string folder, string before, string next) =>
        PublisherRig.Replace(Path.Combine(folder, "estream-component.toml"), before, next);

    private Task<CliResult> SignAsync(string package, string folder, params string[] more) =>
        SignWithAsync(_rig.Key, package, folder, more);

    private Task<CliResult> SignWithAsync(string key, string package, string folder, params string[] more) => _rig.RunAsync(
        ["publish", package, "--key", key, "--out", _rig.At(folder), "--from", $"directory:{Public}", "--root", Root, "--cache",
            _rig.At("cache"), .. more]);

    private Task<CliResult> TakeAsync(string folder) => _rig.RunAsync("publish", "--signed", _rig.At(folder), "--registry", _rig.Registry);

    private async Task<IReadOnlyList<RegistryRelease>> ReleasesAsync() =>
        await new DirectoryRegistry(Public).ListAsync(ComponentName.Parse("@acme/doors"), CancellationToken.None);

    private SignedRelease Read(string folder)
    {
        using FileStream package = File.OpenRead(_rig.At($"{folder}/package.escx"));
        Assert.True(
            SignedRelease.TryRead(package, File.ReadAllBytes(_rig.At($"{folder}/entry.json")), out SignedRelease? release,
                out string? reason), reason);
        return release;
    }
}
