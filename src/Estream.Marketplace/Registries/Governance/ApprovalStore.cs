using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Governance;

/// <summary>Stores the approvals of releases in the folder of a registry: per release digest one envelope with the signatures of all
/// reviewers. Not thread-safe; each file is complete or absent.</summary>
internal sealed class ApprovalStore(string folder)
{
    /// <summary>Returns the envelope of a release; without signatures if no reviewer has approved.</summary>
    public DsseEnvelope Find(ReleaseStatement release) =>
        Read(release.Digest()) ?? DsseEnvelope.Sign(DocumentType.Approval, ReleaseApproval.Of(release).ToPayload());

    /// <summary>Adds the signatures of reviewers to those already stored.</summary>
    public void Add(ReleaseStatement release, DsseEnvelope approval, IReadOnlyCollection<DocumentKey> reviewers) =>
        AtomicFile.Write(FileStorage.Instance, PathOf(release.Digest()),
            Find(release).WithSignatures(approval.SignaturesOf(DocumentType.Approval, reviewers)).ToJson());

    private DsseEnvelope? Read(string digest)
    {
        byte[]? bytes = AtomicFile.Read(FileStorage.Instance, PathOf(digest), ReleaseApproval.MaxBytes);
        return bytes is null ? null
            : DsseEnvelope.TryRead(bytes, ReleaseApproval.MaxBytes, out DsseEnvelope? envelope, out string? reason) ? envelope
            : throw new EstreamCorruptionException(
                $"The approvals in '{PathOf(digest)}' are damaged: {reason}. Restore the file from a copy, or remove it and have the "
                + "reviewers approve again.", PathOf(digest));
    }

    private string PathOf(string digest) => Path.Combine(folder, digest + ".json");
}
