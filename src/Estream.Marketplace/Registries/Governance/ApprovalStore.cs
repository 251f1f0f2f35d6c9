using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Governance;

/// <summary>The approvals of releases in the folder of a registry: of each release digest one envelope with the signatures of all its
/// reviewers. One thread at a time; files are there whole or not at all.</summary>
internal sealed class ApprovalStore(string folder)
{
    /// <summary>The envelope of a release; one without signatures where nobody has approved.</summary>
    public DsseEnvelope Find(ReleaseStatement release) =>
        Read(release.Digest()) ?? DsseEnvelope.Sign(DocumentType.Approval, ReleaseApproval.Of(release).ToPayload());

    /// <summary>Keeps what reviewers have signed beside what was signed before.</summary>
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
