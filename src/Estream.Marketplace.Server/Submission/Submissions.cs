using System.Security.Cryptography;
using System.Threading.RateLimiting;
using Estream.Core;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Server.Catalog;
using Estream.Marketplace.Server.Http;
using Estream.Marketplace.Server.Moderation;
using Estream.Marketplace.Trust.Namespaces;

namespace Estream.Marketplace.Server.Submission;

/// <summary>Checks and submits releases. The digest and the signatures of the log entry are verified before the package is decompressed,
/// and the signed statement before anything is stored. Thread-safe.</summary>
internal sealed class Submissions(RegistryOperator registry, CatalogProjection projection, SubmissionStore store)
{
    // Two updates at a time could write the older state last.
    private readonly ConcurrencyLimiter _updates = RequestGate.Create(1, int.MaxValue);

    /// <summary>Submits a release. The call is not cancelled: a submission that began is completed and recorded.</summary>
    /// <param name="category">The category of the address.</param>
    /// <param name="caller">The caller.</param>
    /// <param name="files">The parts of the request.</param>
    public async Task<SubmissionResult> SubmitAsync(Category category, MarketplaceCaller caller, SubmittedFiles files)
    {
        if (files.PackageSha256 is { } digest && digest != Convert.ToHexStringLower(SHA256.HashData(files.Package)))
        {
            return Refuse(422, "digest_mismatch", "The package does not have the digest package_sha256. Send it again.");
        }

        (PublishEntry? entry, SubmissionFault? fault) = await CheckEntryAsync(caller, files.Entry).ConfigureAwait(false);
        if (entry is null)
        {
            return SubmissionResult.Of(fault!);
        }

        if (store.RejectionOf(entry.StatementSha256) is { } reason)
        {
            return Refuse(409, "rejected", $"A moderator rejected this release: {reason}. Correct it, and sign it again.");
        }

        using MemoryStream package = new(files.Package, writable: false);
        if (!SignedRelease.TryRead(package, files.Entry, out SignedRelease? release, out string? why))
        {
            return Refuse(400, "malformed_package", $"The package is not a signed release: {why.TrimEnd('.')}.");
        }

        return (FaultOf(category, entry, release) is { } wrong) ? SubmissionResult.Of(wrong)
            : await TakeAsync(category, caller, release).ConfigureAwait(false);
    }

    /// <summary>Decides pending releases again, except those that are flagged or wait only for reviewers.</summary>
    public async Task DecideAgainAsync(CancellationToken cancellation)
    {
        IReadOnlySet<string> flagged = store.Flagged();
        IReadOnlyList<PublishedRelease> decided = await registry.DecideUnlessAsync(
            digest => flagged.Contains(digest) || store.Find(digest)?.Checks is { Count: > 0 } checks
                && checks.All(check => check.Outcome == "passed"), cancellation).ConfigureAwait(false);
        foreach (PublishedRelease one in decided)
        {
            QueueItem? item = store.Find(one.Digest)?.Item;
            await RecordAsync(one, (item?.Category ?? "", item?.Submitter ?? "")).ConfigureAwait(false);
        }
    }

    /// <summary>Records the state of a release that was decided, and shows a published one in the catalogue.</summary>
    public async Task RecordAsync(PublishedRelease release, (string Category, string Caller) submission)
    {
        bool isPublished = release.LogIndex >= 0;
        if (isPublished)
        {
            using RateLimitLease turn = await _updates.AcquireAsync(1, CancellationToken.None).ConfigureAwait(false);
            await projection.UpdateAsync(release.Name, CancellationToken.None).ConfigureAwait(false);
        }

        string state = isPublished ? SubmissionStore.Published
            : release.Decision?.Verdict == PublishVerdict.Rejected ? SubmissionStore.Rejected
            : SubmissionStore.Pending;
        store.Save(release.Digest, release.Name.ToString(), release.Version.ToString(), submission.Category, submission.Caller, state,
            release.Decision);
    }

    /// <summary>Returns the fault of a refusal by the registry.</summary>
    public static SubmissionFault FaultOf(EstreamException refused) => refused switch
    {
        EstreamRegistryException { Decision: { } decision } when IsVersion(decision) =>
            new SubmissionFault(409, "version_not_higher", refused.Message, decision.Reasons),
        EstreamRegistryException { Decision: { } decision } =>
            new SubmissionFault(422, "release_refused", refused.Message, decision.Reasons),
        EstreamRegistryException { Fault: RegistryFault.AlreadyPublished } => new SubmissionFault(409, "version_exists", refused.Message),
        EstreamRegistryException { Fault: RegistryFault.Forbidden } => new SubmissionFault(403, "not_permitted", refused.Message),
        EstreamRegistryException { Fault: RegistryFault.NotFound } => new SubmissionFault(404, "not_found", refused.Message),
        EstreamRegistryException { Fault: RegistryFault.Malformed } => new SubmissionFault(422, "malformed_document", refused.Message),
        _ => new SubmissionFault(503, "registry_unavailable", "The registry cannot process the release now. Retry later."),
    };

    private static bool IsVersion(PublishDecision decision) =>
        decision.Checks.Any(check => check.Name == ReleaseChecks.Version && check.Outcome == CheckOutcome.Failed);

    private static SubmissionResult Refuse(int status, string code, string detail) =>
        SubmissionResult.Of(new SubmissionFault(status, code, detail));

    private static SubmissionFault? FaultOf(Category category, PublishEntry entry, SignedRelease release)
    {
        string component = ComponentCategories.NameOf(release.Manifest.Category);
        return entry.Name != release.Manifest.Name || !PublishedReleases.IsOf(entry, release)
            ? new SubmissionFault(422, "entry_mismatch", "The entry publishes another release than the package. Sign both again.")
            : component != category.Component
                ? new SubmissionFault(422, "category_mismatch",
                    $"The component is of the category {component}, and '{category.Id}' takes {category.Component}.")
            : release.Manifest.Permissions.FirstOrDefault(one => !category.Permissions.Contains(one.Kind)) is { } wrong
                ? new SubmissionFault(422, "permission_not_allowed", $"The category '{category.Id}' does not permit {wrong}.")
            : null;
    }

    private async Task<(PublishEntry? Entry, SubmissionFault? Fault)> CheckEntryAsync(MarketplaceCaller caller, byte[] bytes)
    {
        (LogEntryFault fault, LogEntry? entry, string reason) = await registry.ReadLogAsync(
            map => (map.Check(bytes, out LogEntry? read, out string why), read, why), CancellationToken.None).ConfigureAwait(false);
        if (entry is not PublishEntry publication)
        {
            return (null, new SubmissionFault(400, "malformed_entry", entry is null
                ? $"The entry is not valid: {reason.TrimEnd('.')}." : "The entry does not publish a release."));
        }

        if (!caller.MayRegister(publication.Namespace.ToString()))
        {
            return (null, new SubmissionFault(403, "grant_missing",
                $"{caller.Name} does not have the grant registrar:{publication.Namespace}."));
        }

        // A version that is in the log may be submitted again: the registry compares the content.
        return fault is LogEntryFault.None or LogEntryFault.DuplicateVersion ? (publication, null)
            : (null, new SubmissionFault(403, "not_owner", $"The registry does not accept the entry: {reason.TrimEnd('.')}."));
    }

    private async Task<SubmissionResult> TakeAsync(Category category, MarketplaceCaller caller, SignedRelease release)
    {
        string digest = release.Statement.Digest();
        try
        {
            PublishedRelease published = await registry.SubmitNextAsync(release, CancellationToken.None).ConfigureAwait(false);
            await RecordAsync(published, (category.Component, caller.Name)).ConfigureAwait(false);
            return AnswerOf(category, published);
        }
        catch (EstreamException refused)
        {
            SubmissionFault fault = FaultOf(refused);
            if (refused is EstreamRegistryException { Decision: { } decision })
            {
                store.Save(digest, release.Manifest.Name.ToString(), release.Manifest.Version.ToString(), category.Component, caller.Name,
                    SubmissionStore.Rejected, decision);
            }

            return SubmissionResult.Of(fault);
        }
    }

    private static SubmissionResult AnswerOf(Category category, PublishedRelease published)
    {
        bool isThere = published.LogIndex >= 0;
        bool isUnchanged = isThere && published.Result.Outcome == PublishOutcome.Unchanged;
        SubmissionAnswer answer = new(isUnchanged ? "unchanged" : isThere ? "published" : "pending", published.Name.ToString(),
            published.Version.ToString(), published.Digest, isThere ? published.LogIndex : null, published.Decision?.Reasons ?? []);
        return new SubmissionResult(isUnchanged ? 200 : isThere ? 201 : 202,
            isThere ? $"/api/v1/marketplace/{category.Id}/items/{Slug.Of(published.Name)}"
                : $"/api/v1/marketplace/submissions/{published.Digest}", answer, null);
    }
}
