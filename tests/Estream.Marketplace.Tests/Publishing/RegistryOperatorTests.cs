using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Files;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Registries.Oci;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Publishing;

/// <summary>Runs a registry: it refuses invalid submissions, and a client that knows only the first root accepts its published
/// releases.</summary>
public sealed class RegistryOperatorTests
{
    private static readonly ComponentName s_card = ComponentName.Parse("@acme/card");

    [Fact]
    public async Task Publish_is_refused_in_a_namespace_of_another_owner()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        await RefusedAsync(registry, SignedRelease.Sign(OperatorRig.Package(), null, null, rig.Stranger), RegistryFault.Forbidden,
            "'@acme'");
        await RefusedAsync(registry, rig.Sign(OperatorRig.Package(name: "@other/card")), RegistryFault.Forbidden,
            "the namespace '@other' has no owner");
        await RefusedAsync(registry, () => registry.SubmitAsync(rig.Claim(1, rig.Stranger), CancellationToken.None),
            RegistryFault.Forbidden, "already has an owner");
        Assert.Equal(1, registry.Namespaces.Size);
        Assert.Empty(await registry.Registry.ListAsync(s_card, CancellationToken.None));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Open_throws_when_the_log_was_lost_or_restored_from_an_old_copy(bool isLost)
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        string log = Path.Combine(RegistryOperator.PublicFolder(rig.Folder), "log"), before = rig.Folder + "-log";
        ChildProcess.Run("cp", ["-r", log, before]).EnsureSuccess();
        using (RegistryOperator registry = await rig.OpenAsync())
        {
            await registry.PublishAsync(rig.Sign(OperatorRig.Package()), null, CancellationToken.None);
        }

        Directory.Delete(log, recursive: true);
        if (!isLost)
        {
            Directory.Move(before, log);
        }

        EstreamCorruptionException refused = await Assert.ThrowsAsync<EstreamCorruptionException>(() => rig.OpenAsync());
        Assert.Contains($"has {(isLost ? 0 : 1)} entries, but the registry has signed 2", refused.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_throws_when_the_version_exists_with_other_content()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        Assert.Equal(PublishOutcome.Published,
            (await registry.PublishAsync(rig.Sign(OperatorRig.Package()), null, CancellationToken.None)).Result.Outcome);
        PublishedRelease again = await registry.PublishAsync(rig.Sign(OperatorRig.Package()), null, CancellationToken.None);
        Assert.Equal((PublishOutcome.Unchanged, 1, 2), (again.Result.Outcome, again.LogIndex, registry.Namespaces.Size));
        await RefusedAsync(registry, rig.Sign(OperatorRig.Package(style: "b {}")), RegistryFault.AlreadyPublished, "as entry 1");

        // The same files with another statement are another release.
        await RefusedAsync(registry, rig.Sign(OperatorRig.Package(), new string('a', 64)), RegistryFault.AlreadyPublished, "as entry 1");
        Assert.True((await rig.VerifyAsync(registry, "1.0.0")).IsAccepted);
    }

    [Fact]
    public async Task Older_major_line_can_be_patched()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        PublishedRelease second = await registry.PublishAsync(rig.Sign(OperatorRig.Package("2.0.0")), null, CancellationToken.None);
        string? before = await registry.LastReleaseAsync(s_card, SemanticVersion.Parse("1.0.1"), null, CancellationToken.None);
        Assert.Equal(second.Digest, before);
        PublishedRelease mended = await registry.PublishAsync(rig.Sign(OperatorRig.Package("1.0.1"), before), null, CancellationToken.None);
        Assert.Equal(["1.0.1", "2.0.0"],
            (await registry.Registry.ListAsync(s_card, CancellationToken.None)).Select(release => release.Version.ToString()));

        // For a version that is already published, the release before it is returned, not a later one.
        Assert.Equal(second.Digest, await registry.LastReleaseAsync(s_card, SemanticVersion.Parse("1.0.1"), null, CancellationToken.None));
        Assert.Equal(mended.Digest, await registry.LastReleaseAsync(s_card, SemanticVersion.Parse("3.0.0"), null, CancellationToken.None));
        Assert.Null(
            await registry.LastReleaseAsync(ComponentName.Parse("@acme/none"), SemanticVersion.Parse("1.0.0"), null,
                CancellationToken.None));
        BundleVerdict verdict = await rig.VerifyAsync(registry, "1.0.1");
        Assert.True(verdict.IsAccepted, verdict.Reason);
        Assert.Equal((second.Digest, 2), (verdict.Release.Statement.PrevRelease, verdict.Release.LogIndex));
    }

    [Fact]
    public async Task Package_changed_after_signing_is_refused()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        SignedRelease signed = rig.Sign(OperatorRig.Package());
        Package changed = OperatorRig.Package(style: "b {}").With(PackagePath.Signature, signed.Package.Signature!.Value);
        Assert.True(SignedRelease.TryRead(Bytes(changed), signed.Entry, out SignedRelease? release, out string? reason), reason);
        await RefusedAsync(registry, release, RegistryFault.Forbidden, "not for these files");
        Package other = OperatorRig.Package("1.0.1").With(PackagePath.Signature, signed.Package.Signature!.Value);
        Assert.True(SignedRelease.TryRead(Bytes(other), signed.Entry, out release, out reason), reason);
        await RefusedAsync(registry, release, RegistryFault.Forbidden, "not for these files");
        Assert.False(SignedRelease.TryRead(Bytes(OperatorRig.Package()), signed.Entry, out _, out reason));
        Assert.Contains("has not signed it", reason, StringComparison.Ordinal);
        Assert.Equal(1, registry.Namespaces.Size);
    }

    [Fact]
    public async Task Publish_is_refused_with_the_log_entry_of_another_release()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        SignedRelease signed = rig.Sign(OperatorRig.Package()), other = rig.Sign(OperatorRig.Package("1.0.1"));
        Assert.True(SignedRelease.TryRead(Bytes(signed.Package), other.Entry, out SignedRelease? mixed, out string? reason), reason);
        await RefusedAsync(registry, mixed, RegistryFault.Forbidden, "another release");
        Assert.Equal(1, registry.Namespaces.Size);
    }

    [Fact]
    public async Task Release_is_published_to_any_kind_of_registry()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        OciLayoutRegistry layout = new(Path.Combine(rig.Folder, "layout"));
        SignedRelease release = rig.Sign(OperatorRig.Package());
        await registry.PublishAsync(release, layout, CancellationToken.None);
        await registry.PublishAsync(release, null, CancellationToken.None);
        RegistryRelease there = Assert.Single(await layout.ListAsync(s_card, CancellationToken.None)),
        own = Assert.Single(await registry.Registry.ListAsync(s_card, CancellationToken.None));
        Assert.Equal(own, there);
        Assert.Equal(own.PackageSha256,
            Convert.ToHexStringLower(
                System.Security.Cryptography.SHA256.HashData(await layout.ReadPackageAsync(there, CancellationToken.None))));
        Assert.Equal(2, registry.Namespaces.Size);
    }

    [Fact]
    public async Task Publish_resumes_after_an_interruption()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        SignedRelease release = rig.Sign(OperatorRig.Package());
        string packages = Path.Combine(RegistryOperator.PublicFolder(rig.Folder), "packages");
        using (RegistryOperator registry = await rig.OpenAsync())
        {
            // Publishing fails after the log entry is written, because a file blocks the folder of the packages.
            File.WriteAllText(packages, "");
            await Assert.ThrowsAnyAsync<EstreamException>(() => registry.PublishAsync(release, null, CancellationToken.None));
            Assert.Equal(2, registry.Namespaces.Size);
            Assert.Empty(await registry.Registry.ListAsync(s_card, CancellationToken.None));
        }

        File.Delete(packages);
        using RegistryOperator again = await rig.OpenAsync();
        PublishedRelease published = await again.PublishAsync(release, null, CancellationToken.None);
        Assert.Equal((PublishOutcome.Published, 1, 2), (published.Result.Outcome, published.LogIndex, again.Namespaces.Size));
        BundleVerdict verdict = await rig.VerifyAsync(again, "1.0.0");
        Assert.True(verdict.IsAccepted, verdict.Reason);
    }

    [Fact]
    public async Task Yanks_and_deprecations_need_owners_and_are_logged()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        await registry.PublishAsync(rig.Sign(OperatorRig.Package()), null, CancellationToken.None);
        SemanticVersion version = SemanticVersion.Parse("1.0.0");
        YankEntry yank = new(s_card, version, true, "Breaks.");
        await RefusedAsync(registry, () => registry.MarkAsync(yank.Sign(rig.Stranger).ToJson(), null, CancellationToken.None),
            RegistryFault.Forbidden, "fewer owners");
        await RefusedAsync(
            registry, () =>
                registry.MarkAsync(new YankEntry(s_card, SemanticVersion.Parse("9.0.0"), true, "Breaks.").Sign(rig.Owner).ToJson(), null,
                    CancellationToken.None), RegistryFault.NotFound, "never published");
        Assert.Equal(PublishOutcome.Published,
            (await registry.MarkAsync(yank.Sign(rig.Owner).ToJson(), null, CancellationToken.None)).Outcome);
        await registry.MarkAsync(new DeprecationEntry(s_card, version, true, "Use @acme/board.").Sign(rig.Owner).ToJson(), null,
            CancellationToken.None);
        RegistryRelease release = Assert.Single(await registry.Registry.ListAsync(s_card, CancellationToken.None));
        Assert.Equal(("Breaks.", "Use @acme/board."), (release.YankReason, release.Deprecation));
        await registry.MarkAsync(new YankEntry(s_card, version, false, "Mended.").Sign(rig.Owner).ToJson(), null, CancellationToken.None);
        Assert.Null(Assert.Single(await registry.Registry.ListAsync(s_card, CancellationToken.None)).YankReason);
        Assert.Equal(5, registry.Namespaces.Size);
        await Assert.ThrowsAsync<ArgumentException>(() => registry.MarkAsync(rig.Claim(2, rig.Owner), null, CancellationToken.None));
    }

    [Fact]
    public async Task Revoked_keys_cannot_publish_and_new_owners_can()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        await registry.PublishAsync(rig.Sign(OperatorRig.Package()), null, CancellationToken.None);
        await registry.SubmitAsync(rig.Claim(2, rig.Owner, rig.Stranger), CancellationToken.None);
        await registry.SubmitAsync(new KeyRevocation(OperatorRig.Acme, rig.Owner.Key.Id, 3, "Stolen.").Sign(rig.Stranger).ToJson(),
            CancellationToken.None);
        await RefusedAsync(registry, rig.Sign(OperatorRig.Package("1.1.0")), RegistryFault.Forbidden, "signature");
        await registry.PublishAsync(SignedRelease.Sign(OperatorRig.Package("1.1.0"), null, null, rig.Stranger), null,
            CancellationToken.None);
        Assert.True((await rig.VerifyAsync(registry, "1.0.0")).IsAccepted);
        Assert.True((await rig.VerifyAsync(registry, "1.1.0")).IsAccepted);
    }

    [Fact]
    public async Task Revoked_owner_key_cannot_publish_while_the_namespace_lists_it()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        NamespaceRecord both = new(OperatorRig.Acme, 2, [rig.Owner.Key, rig.Stranger.Key], 1, rig.Clock.Now.AddYears(1));
        await registry.SubmitAsync(both.Sign(rig.Owner, rig.Stranger).ToJson(), CancellationToken.None);
        await registry.SubmitAsync(new KeyRevocation(OperatorRig.Acme, rig.Owner.Key.Id, 2, "Stolen.").Sign(rig.Stranger).ToJson(),
            CancellationToken.None);

        // The registry refuses the release before any check, decision or count; the log would refuse it only afterwards.
        await RefusedAsync(registry, rig.Sign(OperatorRig.Package()), RegistryFault.Forbidden,
            "its signature is not by the owners of '@acme'");
        await registry.PublishAsync(SignedRelease.Sign(OperatorRig.Package(), null, null, rig.Stranger), null, CancellationToken.None);
        Assert.True((await rig.VerifyAsync(registry, "1.0.0")).IsAccepted);
    }

    [Fact]
    public async Task Renew_renews_bundles_before_they_are_too_old()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        await registry.PublishAsync(rig.Sign(OperatorRig.Package()), null, CancellationToken.None);
        rig.Clock.Now = rig.Clock.Now.AddDays(40);
        Assert.Equal(BundleFault.TooOld, (await rig.VerifyAsync(registry, "1.0.0")).Fault);
        Assert.Equal(1, (await registry.RenewAsync(CancellationToken.None)).Bundles);
        BundleVerdict verdict = await rig.VerifyAsync(registry, "1.0.0");
        Assert.True(verdict.IsAccepted, verdict.Reason);
        TrustOutcome roles = await new TrustClient(new TrustAnchor(registry.FirstRoot.Span),
            new TrustStore(Path.Combine(rig.Folder, "state")),
            rig.Clock).RefreshAsync(new DirectoryFileSource(Path.Combine(rig.Folder, "public", "roles")));
        Assert.True(roles.IsTrusted, roles.Fault?.ToString());
        Assert.Equal(2, roles.Roles.Snapshot.LogSize);
    }

    [Fact]
    public async Task Open_refuses_readable_keys_and_create_needs_an_empty_folder()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        await Assert.ThrowsAsync<EstreamStorageException>(() =>
            RegistryInitializer.CreateAsync(rig.Folder, OperatorRig.Name, rig.Clock, CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            RegistryInitializer.CreateAsync(rig.Folder + "2", "no name\n", rig.Clock, CancellationToken.None));
        await Assert.ThrowsAsync<EstreamStorageException>(() =>
            RegistryOperator.OpenAsync(rig.Folder + "2", rig.Clock, CancellationToken.None));
        string key = Path.Combine(rig.Folder, "keys", "log.key");
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            EstreamStorageException refused = await Assert.ThrowsAsync<EstreamStorageException>(() => rig.OpenAsync());
            Assert.Contains("chmod 600", refused.Message, StringComparison.Ordinal);
        }
    }

    private static MemoryStream Bytes(Package package)
    {
        MemoryStream bytes = new();
        package.Write(bytes);
        bytes.Position = 0;
        return bytes;
    }

    private static Task RefusedAsync(RegistryOperator registry, SignedRelease release, RegistryFault fault, string part) =>
        RefusedAsync(registry, () => registry.PublishAsync(release, null, CancellationToken.None), fault, part);

    private static async Task RefusedAsync(RegistryOperator registry, Func<Task> act, RegistryFault fault, string part)
    {
        long size = registry.Namespaces.Size;
        EstreamRegistryException refused = await Assert.ThrowsAsync<EstreamRegistryException>(act);
        Assert.Equal(fault, refused.Fault);
        Assert.Contains(part, refused.Message, StringComparison.Ordinal);
        Assert.Equal(size, registry.Namespaces.Size);
    }
}
