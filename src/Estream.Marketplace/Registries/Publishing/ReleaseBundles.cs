using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Files;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Releases;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Publishing;

/// <summary>Builds the bundles of a registry from its current roles. Never writes a bundle that clients would refuse. One call at a
/// time.</summary>
/// <param name="served">The folder that a web server serves.</param>
/// <param name="clock">The clock.</param>
/// <param name="log">The log.</param>
/// <param name="roles">The current roles and keys.</param>
/// <param name="published">The published releases.</param>
/// <param name="approvals">The approvals of reviewers.</param>
internal sealed class ReleaseBundles(string served, IClock clock, ComponentLog log, RegistryRoles roles, PublishedReleases published,
    ApprovalStore approvals)
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromDays(1);

    /// <summary>Builds the bundle of a release that is in the log.</summary>
    /// <exception cref="EstreamRegistryException">The release is not in the log, or clients would refuse the bundle
    /// (<see cref="RegistryFault.Forbidden"/>).</exception>
    public async Task<byte[]> BuildAsync(SignedNote checkpoint, ComponentName name, SemanticVersion version, ReadOnlyMemory<byte> statement,
        ReadOnlyMemory<byte> package, CancellationToken cancellation)
    {
        byte[] timestamp = ReadRole(RoleDocument.FileName(DocumentType.Timestamp.Name, 0));
        long newest = DsseEnvelope.TryRead(timestamp, RoleLimits.MaxTimestampBytes, out DsseEnvelope? envelope, out _)
            && TimestampDocument.TryRead(envelope.UnverifiedPayload.Span, out TimestampDocument? document, out _)
            ? document.Snapshot.Version
            : throw new EstreamCorruptionException($"The timestamp in '{served}' is not valid. Restore it from a copy.", served);
        byte[] snapshot = ReadRole(RoleDocument.FileName(DocumentType.Snapshot.Name, newest));
        byte[] targets = SnapshotDocument.TryRead(DsseEnvelope.TryRead(snapshot, snapshot.Length, out DsseEnvelope? signed, out _)
            ? signed.UnverifiedPayload.Span : [], out SnapshotDocument? names, out _)
            && names.Targets.TryGetValue(TargetsDocument.TopName, out DocumentReference? policy)
            ? ReadRole(RoleDocument.FileName(TargetsDocument.TopName, policy.Version))
            : throw new EstreamCorruptionException($"The snapshot in '{served}' is not valid. Restore it from a copy.", served);
        DsseEnvelope? approved = DsseEnvelope.TryRead(statement.Span, ReleaseStatement.MaxFileBytes, out DsseEnvelope? release, out _)
            && ReleaseStatement.TryRead(release.UnverifiedPayload.Span, out ReleaseStatement? said, out _)
            ? approvals.Find(said) : null;
        ComponentBundle bundle = await new BundleBuilder(published.Client(), log.Map, checkpoint, snapshot, timestamp,
            targets).BuildAsync(name, version, statement, approved, cancellation).ConfigureAwait(false)
            ?? throw new EstreamRegistryException(RegistryFault.NotFound,
                $"{name} {version} is not in the log of '{roles.Root.Registry}'. Publish it first.", served);

        // Never return a bundle that clients would refuse.
        using MemoryStream stream = new(package.ToArray(), writable: false);
        BundleVerdict verdict = new BundleVerifier(BundleTrust.Of(roles.Root), clock, s_fresh).Verify(bundle, stream);
        return verdict.IsAccepted
            ? bundle.Encode()
            : throw new EstreamRegistryException(RegistryFault.Forbidden,
                $"{name} {version} is not served, because clients would refuse it. {verdict.What}. "
                + $"{AdviceOn(verdict.Fault, name, version)}", served);
    }

    /// <summary>Renews all bundles in the registry. Bundles of releases that the policy no longer permits stay as they are.</summary>
    public async Task<RegistryRenewal> RenewAsync(SignedNote checkpoint, CancellationToken cancellation)
    {
        int renewed = 0;
        List<string> refused = [];
        foreach (ComponentName name in await published.Place.SearchAsync("", RegistryLimits.MaxComponents, cancellation)
            .ConfigureAwait(false))
        {
            foreach (RegistryRelease release in await published.Place.ListAsync(name, cancellation).ConfigureAwait(false))
            {
                ComponentBundle there = await published.ReadBundleAsync(published.Place, release, cancellation).ConfigureAwait(false);
                byte[] package = await published.Place.ReadPackageAsync(release, cancellation).ConfigureAwait(false);
                try
                {
                    byte[] bundle = await BuildAsync(checkpoint, name, release.Version, there[BundlePart.Release], package, cancellation)
                        .ConfigureAwait(false);
                    AtomicFile.Write(FileStorage.Public, Path.Combine(served, RegistryPaths.Bundle(name, release.Version)), bundle);
                    renewed++;
                }
                catch (EstreamRegistryException unwanted) when (unwanted.Fault == RegistryFault.Forbidden)
                {
                    refused.Add(unwanted.Message);
                }
            }
        }

        return new RegistryRenewal(renewed, refused);
    }

    // Advice for the publisher. The verifier's advice is for clients: do not install the release.
    private static string AdviceOn(BundleFault fault, ComponentName name, SemanticVersion version) => fault switch
    {
        BundleFault.Approvals => $"Have reviewers approve it: estream marketplace approve {name}@{version}.",
        BundleFault.PublicationSigners or BundleFault.ReleaseSigners =>
            "Publish a new version, signed with current keys of the namespace.",
        BundleFault.NamespaceExpired => $"Have its owners renew their record: estream marketplace key rotate {NamespaceName.Of(name)}.",
        BundleFault.Policy => "Have the holder of the targets key publish a policy: estream marketplace registry policy.",
        BundleFault.Expired or BundleFault.TooOld or BundleFault.FromFuture =>
            "Check the clock of this machine, and run: estream marketplace registry renew.",
        _ => "Files of the registry were changed or are damaged: restore them from a copy.",
    };

    private byte[] ReadRole(string file) =>
        AtomicFile.Read(FileStorage.Instance, Path.Combine(RegistryOperator.RolesFolder(served), file), RoleLimits.MaxTargetsBytes)
        ?? throw new EstreamCorruptionException($"The registry in '{served}' lacks '{file}'. Restore it from a copy.", served);
}
