using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Server.Submission;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Server.Moderation;

/// <summary>Approves, rejects and flags pending releases, and shows what a moderator needs for it. Thread-safe.</summary>
internal sealed partial class ReleaseModeration(RegistryOperator registry, SubmissionStore store, Submissions submissions)
{
    /// <summary>The maximum length of a note, in characters.</summary>
    public const int MaxNote = 2_000;

    /// <summary>The fault of a digest that no submission has.</summary>
    public static SubmissionFault Missing { get; } = new(404, "not_found", "No submission has this digest.");

    private const int MaxFindings = 200;

    /// <summary>Brings the table of submissions up to date after a crash or a decision by the command line: pending releases without a row
    /// get one, and the row of a release that was decided gets its state.</summary>
    public async Task CatchUpAsync(CancellationToken cancellation)
    {
        IReadOnlyList<string> pending = await registry.PendingDigestsAsync(cancellation).ConfigureAwait(false);
        IReadOnlySet<string> known = store.InState(SubmissionStore.Pending);
        foreach (string digest in pending.Where(digest => !known.Contains(digest)))
        {
            SignedRelease release = (await registry.FindPendingAsync(digest, cancellation).ConfigureAwait(false))!;
            store.Save(digest, release.Manifest.Name.ToString(), release.Manifest.Version.ToString(),
                release.Statement.Package.Category, store.Find(digest)?.Item.Submitter ?? "", SubmissionStore.Pending, null);
        }

        foreach (string digest in known.Except(pending, StringComparer.Ordinal))
        {
            QueueItem item = store.Find(digest)!.Value.Item;
            long index = await registry.ReadLogAsync(
                map => map.FindVersion(ComponentName.Parse(item.Name), SemanticVersion.Parse(item.Version)), cancellation)
                .ConfigureAwait(false);
            store.SetState(digest, index >= 0 ? SubmissionStore.Published : SubmissionStore.Rejected);
        }
    }

    /// <summary>Returns a submission with its checks, findings and differences; null if there is none.</summary>
    public async Task<QueueDetail?> FindAsync(string digest, CancellationToken cancellation)
    {
        if (store.Find(digest) is not { } found)
        {
            return null;
        }

        SignedRelease? release = await registry.FindPendingAsync(digest, cancellation).ConfigureAwait(false);
        QueueDifference? difference = release is null ? null : await CompareAsync(release, cancellation).ConfigureAwait(false);
        return new QueueDetail(found.Item, found.Checks, found.Reasons, [.. found.Checks.SelectMany(FindingsOf).Take(MaxFindings)],
            difference, release is null ? null : Convert.ToBase64String(ReleaseApproval.Of(release.Statement).ToPayload()),
            store.DecisionsOf(digest));
    }

    /// <summary>Adds the approval of a reviewer.</summary>
    /// <param name="digest">The release.</param>
    /// <param name="moderator">The name of the caller.</param>
    /// <param name="note">A note; may be empty.</param>
    /// <param name="approval">The envelope; null if the request has none.</param>
    /// <returns>The progress while more approvals are needed; a fault; or neither if the release is published.</returns>
    public async Task<(ApprovalProgress? Progress, SubmissionFault? Fault)> ApproveAsync(string digest, string moderator, string note,
        byte[]? approval)
    {
        if (store.Find(digest) is not { } found)
        {
            return (null, Missing);
        }

        if (approval is null)
        {
            return (null, new SubmissionFault(422, "approval_signature_required",
                "Clients count signatures of reviewers. Sign the approval: estream marketplace approve --key KEY --to URL."));
        }

        if (!DsseEnvelope.TryRead(approval, ReleaseApproval.MaxBytes, out DsseEnvelope? envelope, out string? reason)
            || !ReleaseApproval.TryRead(envelope.UnverifiedPayload.Span, out ReleaseApproval? said, out reason))
        {
            return (null, new SubmissionFault(422, "approval_malformed", $"The approval is not valid: {reason}."));
        }

        if (said.Release != digest)
        {
            return (null, new SubmissionFault(422, "approval_mismatch", $"The approval is for the release {said.Release}."));
        }

        if (found.Item.State == SubmissionStore.Rejected)
        {
            return (null, new SubmissionFault(409, "rejected", "The release was rejected. Its author submits a corrected one."));
        }

        try
        {
            PublishedRelease result = await registry.ApproveAsync(approval, null, CancellationToken.None).ConfigureAwait(false);
            store.Decide(digest, moderator, "approve", note);
            await submissions.RecordAsync(result, (found.Item.Category, found.Item.Submitter)).ConfigureAwait(false);
            return result.LogIndex >= 0 ? (null, null) : (new ApprovalProgress(result.Decision?.Approvals ?? 0,
                result.Decision?.ApprovalsRequired ?? 0, result.Decision?.Reasons ?? []), null);
        }
        catch (EstreamException refused)
        {
            if (refused is EstreamRegistryException { Decision: { } decision })
            {
                store.Save(digest, found.Item.Name, found.Item.Version, found.Item.Category, found.Item.Submitter,
                    SubmissionStore.Rejected, decision);
            }

            return (null, Submissions.FaultOf(refused));
        }
    }

    /// <summary>Rejects a pending release. The same digest is refused afterwards.</summary>
    public async Task<SubmissionFault?> RejectAsync(string digest, string moderator, string note)
    {
        if (store.Find(digest) is not { } found)
        {
            return Missing;
        }

        bool isPending = await registry.RejectAsync(digest, () => store.Reject(digest, moderator, note), CancellationToken.None)
            .ConfigureAwait(false);
        return isPending ? null : new SubmissionFault(409, "not_pending", $"The submission is {found.Item.State}.");
    }

    /// <summary>Flags a pending release: a retry skips it until a moderator decides it.</summary>
    public SubmissionFault? Flag(string digest, string moderator, string note)
    {
        if (store.Find(digest) is not { } found)
        {
            return Missing;
        }

        if (found.Item.State != SubmissionStore.Pending)
        {
            return new SubmissionFault(409, "not_pending", $"The submission is {found.Item.State}.");
        }

        store.Flag(digest, moderator, note);
        return null;
    }

    // A check writes "FILE:LINE: TEXT" or "FILE:LINE:COLUMN: TEXT", and several of them separated by "; ".
    [GeneratedRegex(@"(?<file>[A-Za-z0-9_@][A-Za-z0-9_@./-]*\.[A-Za-z0-9]+)[:(](?<line>[0-9]{1,9})")]
    private static partial Regex FilePosition();

    private static IEnumerable<QueueFinding> FindingsOf(QueueCheck check) =>
        check.Reason.Split("; ").SelectMany(text => FilePosition().Match(text) is { Success: true } match
            ? [new QueueFinding(check.Check, match.Groups["file"].Value,
                int.Parse(match.Groups["line"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture), text)]
            : Array.Empty<QueueFinding>());

    private async Task<QueueDifference> CompareAsync(SignedRelease release, CancellationToken cancellation)
    {
        IReadOnlyList<RegistryRelease> published =
            await registry.Registry.ListAsync(release.Manifest.Name, cancellation).ConfigureAwait(false);
        RegistryRelease? before = published.Where(one => one.Version < release.Manifest.Version).MaxBy(one => one.Version)
            ?? published.MaxBy(one => one.Version);
        Dictionary<string, string> empty = [];
        if (before is null)
        {
            return new QueueDifference(null, SetDifference.Of(empty, FilesOf(release.Package)),
                SetDifference.Of(empty, PermissionsOf(release)), SetDifference.Of(empty, DependenciesOf(release)));
        }

        using MemoryStream bytes = new(await registry.Registry.ReadPackageAsync(before, cancellation).ConfigureAwait(false));
        return SignedRelease.TryRead(bytes, default, out SignedRelease? old, out string? reason)
            ? new QueueDifference(before.Version.ToString(), SetDifference.Of(FilesOf(old.Package), FilesOf(release.Package)),
                SetDifference.Of(PermissionsOf(old), PermissionsOf(release)),
                SetDifference.Of(DependenciesOf(old), DependenciesOf(release)))
            : throw new EstreamRegistryException(RegistryFault.Malformed, $"The package of {before} is damaged: {reason}.",
                before.Name.ToString());
    }

    private static Dictionary<string, string> FilesOf(Package package) => package.Files.Where(file => file.Path != PackagePath.Signature)
        .ToDictionary(file => file.Path, file => Convert.ToHexString(SHA256.HashData(file.Content.Span)) + file.IsExecutable,
            StringComparer.Ordinal);

    private static Dictionary<string, string> PermissionsOf(SignedRelease release) =>
        release.Statement.Package.Permissions.ToDictionary(one => one, _ => "", StringComparer.Ordinal);

    private static Dictionary<string, string> DependenciesOf(SignedRelease release) =>
        release.Statement.Package.Dependencies.ToDictionary(StringComparer.Ordinal);
}
