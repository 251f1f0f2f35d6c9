using Estream.Witness;

namespace Estream.Host.Http;

/// <summary>An attestation without its signature, which <c>/api/queues/{name}/attestations/{number}</c> contains. Hashes are hexadecimal;
/// <paramref name="StateRoot"/> is null if no map state is attested.</summary>
internal sealed record AttestationOverview(long Number, long Messages, long FirstSequence, long LastSequence, DateTimeOffset SignedAt,
    string Root, string? StateRoot, string KeyId)
{
    public static AttestationOverview Of(long number, Attestation attestation)
    {
        TreeHead head = attestation.Head;
        return new AttestationOverview(
            number, head.TreeSize, head.FirstSequence, head.Sequence, DateTimeOffset.FromUnixTimeMilliseconds(head.Time / 1_000_000),
            Convert.ToHexStringLower(attestation.Root),
            attestation.StateRoot.IsEmpty ? null : Convert.ToHexStringLower(attestation.StateRoot),
            Convert.ToHexStringLower(attestation.KeyId));
    }
}

/// <summary>The inclusion proof of a message in the tree of an attestation, without the content of the message. <paramref name="Path"/>
/// contains the hashes of RFC 9162, section 2.1.3; <paramref name="File"/> is the URL of the proof with the message, null if it is not
/// served.</summary>
internal sealed record InclusionOverview(string Queue, long Sequence, long Time, long Index, string Leaf, IReadOnlyList<string> Path,
    AttestationOverview Attestation, string? File)
{
    public static InclusionOverview Of(string queue, MessageProof proof, long attestation, bool isPublic)
    {
        Span<byte> leaf = stackalloc byte[MerkleTree.HashBytes];
        proof.HashLeaf(leaf);
        return new InclusionOverview(
            queue, proof.Sequence, proof.Time, proof.Index, Convert.ToHexStringLower(leaf),
            [.. proof.Path.ToArray().Chunk(MerkleTree.HashBytes).Select(Convert.ToHexStringLower)],
            AttestationOverview.Of(attestation, proof.Attestation),
            isPublic ? $"/api/queues/{Uri.EscapeDataString(queue)}/messages/{proof.Sequence}/proof" : null);
    }
}
