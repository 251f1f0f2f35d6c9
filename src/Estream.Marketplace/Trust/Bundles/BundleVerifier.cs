using System.Globalization;
using System.Security.Cryptography;
using Estream.Core;
using Estream.Marketplace.Json;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Releases;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Trust.Bundles;

/// <summary>
/// Verifies bundles against trusted keys, using only the bytes of the bundle: no network, no files, no state. A bundle is accepted only if
/// every link holds, from the keys of the registry to the files of the package; no link can be skipped.
/// </summary>
/// <remarks>
/// Thread-safe. Without a network, no verifier can know that nothing newer exists, such as a revocation. Only the age of the bundle is
/// known, and the caller sets the maximum. Costs some hundred microseconds plus hashing the package.
/// </remarks>
/// <param name="trust">The keys whose signatures count.</param>
/// <param name="clock">The clock that determines the age of a bundle.</param>
/// <param name="maxAge">The maximum age of a bundle.</param>
public sealed class BundleVerifier(BundleTrust trust, IClock clock, TimeSpan maxAge)
{
    /// <summary>How far the date of a bundle may be ahead of the clock of this machine.</summary>
    public static readonly TimeSpan MaxClockSkew = TimeSpan.FromMinutes(10);

    private const string TakeAnother = "Do not install it. Fetch the bundle again from a registry that you trust.";

    /// <summary>Verifies a bundle that contains its package.</summary>
    /// <param name="bytes">The untrusted bundle.</param>
    public BundleVerdict Verify(ReadOnlyMemory<byte> bytes)
    {
        if (!ComponentBundle.TryRead(bytes, out ComponentBundle? bundle, out string? reason))
        {
            return Refuse(BundleFault.Malformed, $"The bundle cannot be read: {reason}");
        }

        if (!bundle.HasPackage)
        {
            return BundleVerdict.Refused(BundleFault.PackageMissing, "The bundle does not contain its package",
                "Pass the package (.escx) together with this bundle: the bundle alone proves nothing about the files.");
        }

        using MemoryStream package = new(bundle[BundlePart.Package].ToArray(), writable: false);
        return Verify(bundle, package);
    }

    /// <summary>Verifies a bundle and a separate package.</summary>
    /// <param name="bundle">The bundle. A package in the bundle is ignored.</param>
    /// <param name="package">The package, read once from the current position of the stream.</param>
    /// <param name="newest">The state of the namespace from another source, if newer than the state in the bundle; it then determines which
    /// keys count. Otherwise null.</param>
    public BundleVerdict Verify(ComponentBundle bundle, Stream package, NamespaceState? newest = null) =>
        Verify(bundle, package, newest, null);

    /// <summary>As the public overload, and passes the package entries to a sink while the package is read. The entries are valid only if
    /// the bundle is accepted.</summary>
    internal BundleVerdict Verify(ComponentBundle bundle, Stream package, NamespaceState? newest, IPackageSink? sink)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(package);
        BundleVerdict signed = VerifySigned(bundle, newest);
        if (!signed.IsAccepted)
        {
            return signed;
        }

        PackageReadResult read = PackageReader.Read(package, sink);
        return !read.IsPackage ? Refuse(BundleFault.Package, $"The package cannot be read: {read}")
            : ReleaseIdentity.Fault(read, signed.Release.Statement.Package) is { } fault
                ? Refuse(BundleFault.Package, $"The files of the package are not the released files: {fault}")
            : signed;
    }

    /// <summary>Verifies everything except the package. The caller compares the files itself, by the root that the owners have
    /// signed.</summary>
    internal BundleVerdict VerifySigned(ComponentBundle bundle, NamespaceState? newest)
    {
        Chain chain = new();
        BundleVerdict? refusal = VerifyFreshness(bundle, chain) ?? VerifyNamespace(bundle, chain, newest)
            ?? VerifyPublication(bundle, chain) ?? VerifyRelease(bundle, chain) ?? VerifyPolicy(bundle, chain);
        return refusal ?? BundleVerdict.Accepted(new VerifiedRelease(
            chain.Publication.Name, chain.Publication.Version, chain.Publication.Root256, chain.Statement, chain.PublicationIndex,
            chain.Checkpoint.Size, chain.Signers, chain.AsOf, chain.WitnessCount));
    }

    // Reasons from other verifiers may end with a full stop.
    private static BundleVerdict Refuse(BundleFault fault, string what) => BundleVerdict.Refused(fault, what.TrimEnd('.'), TakeAnother);

    private static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString(JsonTime.Format, CultureInfo.InvariantCulture);

    // Verifies the links from the trusted keys to a log checkpoint and a namespace map of the same moment.
    private BundleVerdict? VerifyFreshness(ComponentBundle bundle, Chain chain)
    {
        ReadOnlySpan<byte> timestampBytes = bundle[BundlePart.Timestamp].Span, snapshotBytes = bundle[BundlePart.Snapshot].Span;
        if (!DsseEnvelope.TryRead(timestampBytes, RoleLimits.MaxTimestampBytes, out DsseEnvelope? timestampEnvelope, out string? reason)
            || (reason = trust.Timestamp.Verify(DocumentType.Timestamp, timestampEnvelope, out ReadOnlyMemory<byte> payload)) is not null
            || !TimestampDocument.TryRead(payload.Span, out TimestampDocument? timestamp, out reason))
        {
            return Refuse(BundleFault.Timestamp, $"The timestamp is rejected: {reason}");
        }

        if (!timestamp.Snapshot.Has(snapshotBytes))
        {
            return Refuse(BundleFault.Snapshot, "The snapshot is not the one that the timestamp names");
        }

        if (!DsseEnvelope.TryRead(snapshotBytes, RoleLimits.MaxSnapshotBytes, out DsseEnvelope? snapshotEnvelope, out reason)
            || (reason = trust.Snapshot.Verify(DocumentType.Snapshot, snapshotEnvelope, out payload)) is not null
            || !SnapshotDocument.TryRead(payload.Span, out SnapshotDocument? snapshot, out reason))
        {
            return Refuse(BundleFault.Snapshot, $"The snapshot is rejected: {reason}");
        }

        CheckpointVerdict checkpoint = trust.Log.Verify(bundle[BundlePart.Checkpoint].Span);
        if (!checkpoint.IsAccepted)
        {
            return Refuse(BundleFault.Checkpoint, $"The checkpoint of the log is rejected. {checkpoint.Reason.TrimEnd('.')}");
        }

        if (snapshot.Version != timestamp.Snapshot.Version || checkpoint.Checkpoint.Size != snapshot.LogSize
            || Convert.ToHexStringLower(checkpoint.Checkpoint.Root) != snapshot.LogRoot)
        {
            return Refuse(BundleFault.OtherCheckpoint,
                $"The checkpoint covers {checkpoint.Checkpoint.Size} entries and is not the one of the snapshot, which covers "
                + $"{snapshot.LogSize}");
        }

        chain.Take(checkpoint, snapshot);
        return VerifyAge(chain.AsOf, timestamp.Expires < snapshot.Expires ? timestamp.Expires : snapshot.Expires);
    }

    // A bundle that was valid when it was created stays valid until it is too old. So the expiry of its roles is compared with the date of
    // the bundle, not with the current time.
    private BundleVerdict? VerifyAge(DateTimeOffset asOf, DateTimeOffset expires)
    {
        DateTimeOffset now = JsonTime.Now(clock);
        return asOf >= expires
            ? Refuse(BundleFault.Expired, $"The snapshot or the timestamp expired at {Utc(expires)}, before the checkpoint of {Utc(asOf)}")
            : asOf > now + MaxClockSkew
                ? Refuse(BundleFault.FromFuture,
                    $"The bundle is dated {Utc(asOf)}, ahead of the clock of this machine, {Utc(now)}. Check the clock")
            : now - asOf > maxAge
                ? Refuse(BundleFault.TooOld,
                    $"The bundle is dated {Utc(asOf)}, {(long)(now - asOf).TotalHours} hours ago; the maximum age is "
                    + $"{(long)maxAge.TotalHours} hours")
            : null;
    }

    // Verifies the links from the namespace map to the keys that were in effect when the release was published.
    private static BundleVerdict? VerifyNamespace(ComponentBundle bundle, Chain chain, NamespaceState? newest)
    {
        if (!NamespaceProof.TryRead(bundle[BundlePart.NamespaceState].Span, out NamespaceProof? proof, out string? reason))
        {
            return Refuse(BundleFault.Malformed, $"The state of the namespace cannot be read: {reason}");
        }

        if (!proof.Verify(chain.NamespaceRoot))
        {
            return Refuse(BundleFault.Namespace, $"The namespace map does not contain the state of '{proof.State.Name}' in the bundle");
        }

        // A newer state has everything that the bundle's state has, plus later revocations.
        NamespaceState state = newest?.Name == proof.State.Name ? newest : proof.State;
        if (!LocatedProof.TryRead(bundle[BundlePart.PublicationProof], out LocatedProof publication)
            || !LocatedProof.TryRead(bundle[BundlePart.NamespaceRecordProof], out LocatedProof placed))
        {
            return Refuse(BundleFault.Malformed, "An inclusion proof cannot be read");
        }

        ReadOnlySpan<byte> bytes = bundle[BundlePart.NamespaceRecord].Span;
        if (!placed.Verify(bytes, chain.Checkpoint, out string leafHash)
            || state.RecordFor(publication.Index) != new RecordLocation(placed.Index, leafHash))
        {
            return Refuse(BundleFault.NamespaceRecord,
                $"The record of '{proof.State.Name}' is not the one in effect at entry {publication.Index} of the log");
        }

        if (!LogEntry.TryRead(bytes, out _, out LogEntry? entry, out reason) || entry is not NamespaceRecord record
            || record.Namespace != proof.State.Name)
        {
            return Refuse(BundleFault.NamespaceRecord,
                $"The record of '{proof.State.Name}' is not valid: {reason ?? "it is another kind of entry, or of another namespace"}");
        }

        if (record.Expires <= chain.AsOf)
        {
            return Refuse(BundleFault.NamespaceExpired,
                $"The record of '{record.Namespace}' expired at {Utc(record.Expires)}, and its owners have not renewed it");
        }

        chain.Take(state, record, publication);
        return null;
    }

    private static BundleVerdict? VerifyPublication(ComponentBundle bundle, Chain chain)
    {
        ReadOnlySpan<byte> bytes = bundle[BundlePart.Publication].Span;
        if (!chain.PublicationProof.Verify(bytes, chain.Checkpoint, out _))
        {
            return Refuse(BundleFault.Publication, $"The publication is not entry {chain.PublicationIndex} of the log");
        }

        if (!LogEntry.TryRead(bytes, out DsseEnvelope? envelope, out LogEntry? entry, out string? reason)
            || entry is not PublishEntry publication || publication.Namespace != chain.Record.Namespace)
        {
            return Refuse(BundleFault.Publication,
                $"The publication is not one of '{chain.Record.Namespace}': "
                + $"{reason ?? "it is another kind of entry, or of another namespace"}");
        }

        int signers = envelope.SignersAmong(LogEntry.DocumentType, chain.CountingKeys).Count;
        if (signers < chain.Record.Threshold)
        {
            return RefuseSigners(BundleFault.PublicationSigners, envelope, LogEntry.DocumentType, chain,
                $"{signers} of the owners of '{publication.Namespace}' have signed the publication of "
                + $"{publication.Name} {publication.Version} with keys that are valid at entry {chain.PublicationIndex}; "
                + $"{chain.Record.Threshold} must sign");
        }

        chain.Publication = publication;
        return null;
    }

    private static BundleVerdict? VerifyRelease(ComponentBundle bundle, Chain chain)
    {
        PublishEntry publication = chain.Publication;
        if (!DsseEnvelope.TryRead(bundle[BundlePart.Release].Span, ReleaseStatement.MaxFileBytes, out DsseEnvelope? envelope,
            out string? reason))
        {
            return Refuse(BundleFault.Malformed, $"The release statement cannot be read: {reason}");
        }

        IReadOnlyList<DocumentKey> signers = envelope.SignersAmong(DocumentType.Release, chain.CountingKeys);
        if (signers.Count < chain.Record.Threshold)
        {
            return RefuseSigners(BundleFault.ReleaseSigners, envelope, DocumentType.Release, chain,
                $"{signers.Count} of the owners of '{publication.Namespace}' have signed the release of "
                + $"{publication.Name} {publication.Version} with keys that are valid at entry {chain.PublicationIndex}; "
                + $"{chain.Record.Threshold} must sign");
        }

        ReadOnlyMemory<byte> payload = envelope.UnverifiedPayload;
        if (Convert.ToHexStringLower(SHA256.HashData(payload.Span)) != publication.StatementSha256)
        {
            return Refuse(BundleFault.OtherRelease,
                $"The release statement is not the one published as {publication.Name} {publication.Version}");
        }

        if (!ReleaseStatement.TryRead(payload.Span, out ReleaseStatement? statement, out reason)
            || (reason = ReleaseIdentity.Fault(statement.Package, publication)) is not null)
        {
            return Refuse(BundleFault.OtherRelease, $"The release statement does not match the publication: {reason}");
        }

        (chain.Signers, chain.Statement) = (signers, statement);
        return null;
    }

    // Every registry serves the same signatures, so after a revocation only another version helps.
    private static BundleVerdict RefuseSigners(BundleFault fault, DsseEnvelope envelope, DocumentType type, Chain chain, string what) =>
        envelope.SignersAmong(type, chain.RevokedKeys) is { Count: > 0 } revoked
            ? BundleVerdict.Refused(fault,
                $"{what}. A revoked key signed the document ({string.Join(", ", revoked.Select(key => key.Id))})",
                "Do not install it. Install a version that is signed with another key, or ask the owners.")
            : Refuse(fault, what);

    // Verifies the links from the trusted keys to the policy for this category of release, and to the reviewers who approved this release.
    private BundleVerdict? VerifyPolicy(ComponentBundle bundle, Chain chain)
    {
        ReadOnlySpan<byte> bytes = bundle[BundlePart.Targets].Span;
        if (!chain.Snapshot.Targets.TryGetValue(TargetsDocument.TopName, out DocumentReference? reference) || !reference.Has(bytes))
        {
            return Refuse(BundleFault.Policy, "The policy is not the one that the snapshot names");
        }

        if (!DsseEnvelope.TryRead(bytes, RoleLimits.MaxTargetsBytes, out DsseEnvelope? envelope, out string? reason)
            || (reason = trust.Targets.Verify(DocumentType.Targets, envelope, out ReadOnlyMemory<byte> payload)) is not null
            || !TargetsDocument.TryRead(payload.Span, out TargetsDocument? targets, out reason))
        {
            return Refuse(BundleFault.Policy, $"The policy is rejected: {reason}");
        }

        if (targets.Role != TargetsDocument.TopName || targets.Version != reference.Version)
        {
            return Refuse(BundleFault.Policy,
                $"The policy is version {targets.Version} of '{targets.Role}', and the snapshot names version {reference.Version} of "
                + $"'{TargetsDocument.TopName}'");
        }

        string category = chain.Statement.Package.Category;
        if (targets.Expires <= chain.AsOf || !targets.Categories.TryGetValue(category, out CategoryPolicy? policy))
        {
            return Refuse(BundleFault.Policy,
                targets.Expires <= chain.AsOf
                    ? $"The policy expired at {Utc(targets.Expires)}"
                    : $"The policy does not name the category '{category}'");
        }

        int given = ReleaseApproval.ApproversOf(chain.Publication.StatementSha256, [.. chain.Record.Keys, .. chain.Signers],
            [bundle[BundlePart.Approvals]], policy.Reviewers).Count;
        return given >= policy.Approvals ? null
            : Refuse(BundleFault.Approvals,
                $"{given} of the {policy.Approvals} reviewers that a {category} needs have approved "
                + $"{chain.Publication.Name} {chain.Publication.Version}");
    }
}

/// <summary>The keys of a registry, against which a bundle is verified. They come from another source, never from the bundle. Immutable and
/// thread-safe.</summary>
/// <param name="Log">The log, and the required signers of its checkpoints.</param>
/// <param name="Snapshot">The keys whose snapshots count.</param>
/// <param name="Timestamp">The keys whose timestamps count.</param>
/// <param name="Targets">The keys whose policy counts.</param>
public sealed record BundleTrust(LogPolicy Log, RoleKeys Snapshot, RoleKeys Timestamp, RoleKeys Targets)
{
    /// <summary>Returns the trust that the root document of a registry defines.</summary>
    /// <param name="root">A trusted root: verified through its chain, or configured by hand.</param>
    /// <exception cref="ArgumentException">The registry has no log.</exception>
    public static BundleTrust Of(RootDocument root)
    {
        ArgumentNullException.ThrowIfNull(root);
        return new BundleTrust(LogPolicy.Of(root), root.Snapshot, root.Timestamp, root.Targets);
    }
}
