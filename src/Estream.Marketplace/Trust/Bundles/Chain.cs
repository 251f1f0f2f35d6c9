using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Releases;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Trust.Bundles;

/// <summary>The verified parts of a bundle so far; each link is added when the link before holds.</summary>
internal sealed class Chain
{
    private NamespaceState? _state;

    public Checkpoint Checkpoint { get; private set; } = null!;

    public DateTimeOffset AsOf { get; private set; }

    public int WitnessCount { get; private set; }

    public byte[] NamespaceRoot { get; private set; } = [];

    public SnapshotDocument Snapshot { get; private set; } = null!;

    public NamespaceRecord Record { get; private set; } = null!;

    public LocatedProof PublicationProof { get; private set; }

    public long PublicationIndex => PublicationProof.Index;

    public PublishEntry Publication { get; set; } = null!;

    public IReadOnlyList<DocumentKey> Signers { get; set; } = [];

    public ReleaseStatement Statement { get; set; } = null!;

    /// <summary>The keys of the record that are valid at the publication's log index. A key revoked from that index or an earlier one is
    /// excluded, even if the revocation was published later.</summary>
    public IEnumerable<DocumentKey> CountingKeys => Record.Keys.Where(key => _state!.Counts(key.Id, PublicationIndex));

    /// <summary>The keys of the record that are revoked from the publication's log index or an earlier one.</summary>
    public IEnumerable<DocumentKey> RevokedKeys => Record.Keys.Where(key => !_state!.Counts(key.Id, PublicationIndex));

    public void Take(CheckpointVerdict checkpoint, SnapshotDocument snapshot)
    {
        Checkpoint = checkpoint.Checkpoint!;
        AsOf = DateTimeOffset.FromUnixTimeSeconds(Math.Min(checkpoint.Time, DateTimeOffset.MaxValue.ToUnixTimeSeconds()));
        WitnessCount = checkpoint.WitnessCount;
        NamespaceRoot = Convert.FromHexString(snapshot.NamespaceRoot);
        Snapshot = snapshot;
    }

    public void Take(NamespaceState state, NamespaceRecord record, LocatedProof publication) =>
        (_state, Record, PublicationProof) = (state, record, publication);
}
