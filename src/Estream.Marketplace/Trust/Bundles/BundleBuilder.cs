using System.Text;
using Estream.Esf.Schema;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;

namespace Estream.Marketplace.Trust.Bundles;

/// <summary>Builds bundles from the content of a registry: reads the log, creates the proofs, and assembles the parts. Does not verify
/// anything; the recipient of a bundle does.</summary>
/// <param name="log">The log.</param>
/// <param name="map">The namespace map, built from exactly as many entries as the checkpoint covers.</param>
/// <param name="checkpoint">The checkpoint with its cosignatures; the checkpoint that the snapshot names.</param>
/// <param name="snapshot">The snapshot's envelope.</param>
/// <param name="timestamp">The timestamp's envelope.</param>
/// <param name="targets">The envelope of the policy that the snapshot names.</param>
/// <remarks>Thread-safe while the map is not changed.</remarks>
public sealed class BundleBuilder(LogClient log, NamespaceMap map, SignedNote checkpoint, ReadOnlyMemory<byte> snapshot,
    ReadOnlyMemory<byte> timestamp, ReadOnlyMemory<byte> targets)
{
    /// <summary>Builds the bundle of a release, without its package.</summary>
    /// <param name="component">The component.</param>
    /// <param name="version">The version.</param>
    /// <param name="release">The envelope of its release statement.</param>
    /// <param name="approvals">The approvals that reviewers have signed; null if none are required.</param>
    /// <param name="cancellation">Cancels reading the log.</param>
    /// <returns>The bundle, or <see langword="null"/> if the version was not published.</returns>
    /// <exception cref="ArgumentException">The checkpoint is not valid, or covers a different number of entries than the map.</exception>
    /// <exception cref="EstreamLogException">The log does not match its checkpoint.</exception>
    public async ValueTask<ComponentBundle?> BuildAsync(ComponentName component, SemanticVersion version, ReadOnlyMemory<byte> release,
        DsseEnvelope? approvals, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(version);
        if (!Checkpoint.TryParse(checkpoint.Text, out Checkpoint? end, out _) || end.Size != map.Size)
        {
            throw new ArgumentException(
                $"The checkpoint '{Encoding.UTF8.GetString(checkpoint.Text).ReplaceLineEndings(" ")}' does not cover the "
                + $"{map.Size} entries of the namespace map. Build the map from exactly as many entries.", nameof(component));
        }

        long index = map.FindVersion(component, version);
        NamespaceProof? proof = map.Prove(NamespaceName.Of(component));
        if (index < 0 || proof?.State.RecordFor(index) is not { } place)
        {
            return null;
        }

        LoggedEntry publication = await log.ReadEntryAsync(end, index, cancellation).ConfigureAwait(false),
        record = await log.ReadEntryAsync(end, place.Index, cancellation).ConfigureAwait(false);
        return ComponentBundle.Create(new Dictionary<BundlePart, ReadOnlyMemory<byte>>
        {
            [BundlePart.Release] = release,
            [BundlePart.Publication] = publication.Content,
            [BundlePart.PublicationProof] = LocatedProof.Encode(publication),
            [BundlePart.NamespaceRecord] = record.Content,
            [BundlePart.NamespaceRecordProof] = LocatedProof.Encode(record),
            [BundlePart.NamespaceState] = proof.Encode(),
            [BundlePart.Checkpoint] = checkpoint.Encode(),
            [BundlePart.Snapshot] = snapshot,
            [BundlePart.Timestamp] = timestamp,
            [BundlePart.Targets] = targets,
            [BundlePart.Approvals] = (approvals ?? DsseEnvelope.Sign(DocumentType.Approval, [])).ToJson(),
        });
    }
}
