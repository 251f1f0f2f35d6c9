using Estream.Core;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Tests.Publishing;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>A check that was not run has not passed: if a check fails to run, the release stays pending and is in no log and no
/// registry.</summary>
public sealed class PipelineTests
{
    private static readonly ComponentName s_card = ComponentName.Parse("@acme/card");

    [Theory]
    [InlineData("throws")]
    [InlineData("throws at once")]
    [InlineData("gives itself up")]
    [InlineData("never answers")]
    [InlineData("waits for its end")]
    public async Task Scanner_that_does_not_complete_does_not_pass(string ends)
    {
        TestScanner scanner = new() { Does = Broken(ends) }, other = new("other");
        using OperatorRig rig = await OperatorRig.CreateAsync();

        // Short only where the time must pass. The other scanner needs the thread pool within that time.
        TimeSpan time = TimeSpan.FromSeconds(ends is "never answers" or "waits for its end" ? 8 : 120);
        using RegistryOperator registry = await rig.OpenAsync(new PublishOptions { Scanners = [other, scanner], ScanTime = time });
        PublishedRelease release = await registry.PublishAsync(rig.Sign(OperatorRig.Package()), null, CancellationToken.None);
        await AssertWaitsAsync(registry, release);
        Assert.Equal(CheckOutcome.Error, Assert.Single(release.Decision!.Checks, check => check.Name == "scanner:clam").Outcome);
        Assert.Equal(CheckOutcome.Passed, Assert.Single(release.Decision.Checks, check => check.Name == "scanner:other").Outcome);
        Assert.Contains(release.Decision.Reasons, reason => reason.StartsWith("scanner:clam gave no result", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Retried_release_is_decided_by_the_same_rules()
    {
        TestScanner scanner = new() { Does = Broken("throws") };
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync(new PublishOptions { Scanners = [scanner] });
        await registry.PublishAsync(rig.Sign(OperatorRig.Package()), null, CancellationToken.None);
        await registry.PublishAsync(rig.Sign(OperatorRig.Package("2.0.0", "bad {}")), null, CancellationToken.None);
        foreach (PublishedRelease again in await registry.DecideAgainAsync(null, CancellationToken.None))
        {
            await AssertWaitsAsync(registry, again);
        }

        Assert.Equal(2, registry.Pending().Count);
        scanner.Does = (package, _) => Task.FromResult(package.AsSpan().IndexOf("bad {}"u8) >= 0 ? "it is bad" : null);
        IReadOnlyList<PublishedRelease> decided = await registry.DecideAgainAsync(null, CancellationToken.None);
        Assert.Equal(PublishOutcome.Published, Assert.Single(decided, one => one.Version.ToString() == "1.0.0").Result.Outcome);
        PublishDecision refused = Assert.Single(decided, one => one.Version.ToString() == "2.0.0").Decision!;
        Assert.Equal(PublishVerdict.Rejected, refused.Verdict);
        Assert.Contains("it is bad", Assert.Single(refused.Reasons), StringComparison.Ordinal);
        Assert.Empty(registry.Pending());
        Assert.Equal("1.0.0", Assert.Single(await registry.Registry.ListAsync(s_card, CancellationToken.None)).Version.ToString());
    }

    [Fact]
    public async Task Pending_release_stays_pending_after_reopening_the_registry()
    {
        TestScanner scanner = new() { Does = Broken("throws") };
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using (RegistryOperator registry = await rig.OpenAsync(new PublishOptions { Scanners = [scanner] }))
        {
            await registry.PublishAsync(rig.Sign(OperatorRig.Package()), null, CancellationToken.None);
        }

        using RegistryOperator opened = await rig.OpenAsync(new PublishOptions { Scanners = [scanner] });
        await AssertWaitsAsync(opened, Assert.Single(await opened.DecideAgainAsync(null, CancellationToken.None)));
        string file = Assert.Single(Directory.GetFiles(Path.Combine(rig.Folder, "pending"), "package.escx", SearchOption.AllDirectories));

        // Stores the release under the digest of another release, to gain the approvals of that release.
        string folder = Path.GetDirectoryName(file)!, other = Path.Combine(rig.Folder, "pending", new string('0', 64));
        Directory.Move(folder, other);
        EstreamCorruptionException another =
            await Assert.ThrowsAsync<EstreamCorruptionException>(() => opened.DecideAgainAsync(null, CancellationToken.None));
        Assert.Contains("it is another release", another.Message, StringComparison.Ordinal);
        Directory.Move(other, folder);
        byte[] bytes = File.ReadAllBytes(file);
        bytes[600] ^= 1;
        File.WriteAllBytes(file, bytes);
        await Assert.ThrowsAsync<EstreamCorruptionException>(() => opened.DecideAgainAsync(null, CancellationToken.None));
    }

    [Fact]
    public async Task Concurrent_releases_skip_no_check()
    {
        const int Releases = 40;
        TaskCompletionSource open = new();
        TestScanner scanner = new()
        {
            Does = async (package, _) =>
            {
                await open.Task;
                return package.AsSpan().IndexOf("bad {}"u8) >= 0 ? "it is bad" : null;
            },
        };
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry =
            await rig.OpenAsync(new PublishOptions { Scanners = [scanner], MaxWaiting = 10, MostADay = 1_000 });
        SignedRelease[] releases = [.. Enumerable.Range(0, Releases)
            .Select(number => rig.Sign(OperatorRig.Package($"{number}.0.0", number % 3 == 0 ? "bad {}" : "a {}")))];
        Task<PublishedRelease>[] all =
            [.. releases.Select(release => Task.Run(() => registry.PublishAsync(release, null, CancellationToken.None)))];
        Eventually.True(() => scanner.HasSeen(releases[0].Bytes) || releases.Any(release => scanner.HasSeen(release.Bytes)),
            "the first is looked at");
        open.SetResult();
        await Task.WhenAll(all.Select(one => one.ContinueWith(_ => { }, TaskScheduler.Default)));
        HashSet<string> there =
            [.. (await registry.Registry.ListAsync(s_card, CancellationToken.None)).Select(release => release.Version.ToString())];
        HashSet<string> waiting = [.. registry.Pending().Select(release => release.Manifest.Version.ToString())];
        foreach ((SignedRelease release, Task<PublishedRelease> outcome) in releases.Zip(all))
        {
            string version = release.Manifest.Version.ToString();
            bool isBad = int.Parse(version.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture) % 3 == 0;
            Assert.False(isBad && there.Contains(version), $"{version} is bad, and published");
            Assert.True(!there.Contains(version) || scanner.HasSeen(release.Bytes), $"{version} is published, and nobody has looked at it");
            Assert.Equal(outcome.IsCompletedSuccessfully, there.Contains(version) || waiting.Contains(version));
        }

        Assert.Equal(Releases, there.Count + waiting.Count + all.Count(one => one.IsFaulted));
        Assert.NotEmpty(there);
    }

    [Fact]
    public async Task Release_stays_pending_without_checks_when_too_many_releases_wait()
    {
        TaskCompletionSource open = new();
        TestScanner scanner = new() { Does = async (_, _) => { await open.Task; return null; } };
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync(new PublishOptions { Scanners = [scanner], MaxWaiting = 1 });
        SignedRelease first = rig.Sign(OperatorRig.Package()), second = rig.Sign(OperatorRig.Package("2.0.0"));
        Task<PublishedRelease> slow = registry.PublishAsync(first, null, CancellationToken.None);
        Eventually.True(() => scanner.HasSeen(first.Bytes), "the first is looked at");
        Task<PublishedRelease> late = registry.PublishAsync(second, null, CancellationToken.None);
        open.SetResult();
        Assert.Equal(PublishOutcome.Published, (await slow).Result.Outcome);
        PublishedRelease waits = await late;
        Assert.Equal((PublishOutcome.Pending, -1), (waits.Result.Outcome, waits.LogIndex));
        Assert.False(scanner.HasSeen(second.Bytes));
        Assert.All(waits.Decision!.Checks, check => Assert.Equal(CheckOutcome.NotRun, check.Outcome));
        Assert.Equal(PublishOutcome.Published, Assert.Single(await registry.DecideAgainAsync(null, CancellationToken.None)).Result.Outcome);
    }

    [Fact]
    public async Task Log_entry_alone_publishes_nothing()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        SignedRelease release = rig.Sign(OperatorRig.Package());
        EstreamRegistryException refused =
            await Assert.ThrowsAsync<EstreamRegistryException>(() => registry.SubmitAsync(release.Entry, CancellationToken.None));
        Assert.Equal(RegistryFault.Forbidden, refused.Fault);
        Assert.Equal(1, registry.Namespaces.Size);
        await Assert.ThrowsAsync<ArgumentException>(() => registry.MarkAsync(release.Entry, null, CancellationToken.None));
        Assert.Equal(1, registry.Namespaces.Size);
    }

    [Fact]
    public async Task Files_with_hidden_text_or_not_named_by_the_manifest_are_rejected()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        foreach ((string text, string expected) in new[]
        {
            ("one\nif (admin\u202E) {}", "line 2, column 10 has U+202E"), ("a\uFE00\uFE01b", "U+FE00"), ("a\U000E0101", "U+E0101"),
            ("tag \U000E0041", "U+E0041"), ("const \u3164 = 0;", "U+3164"), ("ad\u200Dmin", "U+200D"),
        })
        {
            EstreamRegistryException refused = await Assert.ThrowsAsync<EstreamRegistryException>(() =>
                registry.PublishAsync(rig.Sign(OperatorRig.Skill(text: text)), null, CancellationToken.None));
            Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        }

        Assert.Empty(registry.Pending());
        Package more = Package.Of([.. OperatorRig.Skill().Files, new PackageFile("more.js", false, "1"u8.ToArray())]);
        EstreamRegistryException unnamed =
            await Assert.ThrowsAsync<EstreamRegistryException>(() => registry.PublishAsync(rig.Sign(more), null, CancellationToken.None));
        Assert.Contains("'more.js': is in the package, but the manifest does not name it", unnamed.Message, StringComparison.Ordinal);
        Package less = Package.Of(OperatorRig.Skill().Files.Where(file => file.Path != "SKILL.md"));
        Assert.Contains("'SKILL.md' is not in the package",
            (await Assert.ThrowsAsync<EstreamRegistryException>(() =>
                registry.PublishAsync(rig.Sign(less), null, CancellationToken.None))).Message, StringComparison.Ordinal);
        Assert.Equal(PublishOutcome.Published,
            (await registry.PublishAsync(rig.Sign(OperatorRig.Skill(text: "# Doors \u2764\uFE0F\n")), null,
                CancellationToken.None)).Result.Outcome);
    }

    internal static async Task AssertWaitsAsync(RegistryOperator registry, PublishedRelease release)
    {
        Assert.Equal((PublishOutcome.Pending, -1, PublishVerdict.Pending),
            (release.Result.Outcome, release.LogIndex, release.Decision!.Verdict));
        Assert.Equal(-1, registry.Namespaces.FindVersion(release.Name, release.Version));
        Assert.DoesNotContain(await registry.Registry.ListAsync(release.Name, CancellationToken.None),
            one => one.Version == release.Version);
        Assert.Contains(registry.Pending(), one => one.Statement.Digest() == release.Digest);
    }

    private static Func<byte[], CancellationToken, Task<string?>> Broken(string ends) => ends switch
    {
        "throws" => async (_, _) =>
        {
            await Task.Yield();
            throw new InvalidOperationException("no memory");
        },
        "throws at once" => (_, _) => throw new InvalidOperationException("no memory"),
        "gives itself up" => (_, _) => Task.FromCanceled<string?>(new CancellationToken(true)),
        "never answers" => (_, _) => new TaskCompletionSource<string?>().Task,
        _ => async (_, end) =>
        {
            TaskCompletionSource<string?> never = new();
            return await never.Task.WaitAsync(end);
        },
    };
}
