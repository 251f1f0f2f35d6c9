using System.Diagnostics.CodeAnalysis;
using Estream.Crypto;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>Two attestations of a queue and the proof that the later one extends the history of the earlier one. For the byte format see
/// docs/formats/witness.md.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class ConsistencyProof
{
    private readonly byte[] _bytes;

    private ConsistencyProof(byte[] bytes, Attestation earlier, Attestation later)
    {
        _bytes = bytes;
        Earlier = earlier;
        Later = later;
    }

    /// <summary>The attestation of fewer messages.</summary>
    public Attestation Earlier { get; }

    /// <summary>The attestation of more messages.</summary>
    public Attestation Later { get; }

    /// <summary>The encoded proof.</summary>
    public ReadOnlySpan<byte> Encoded => _bytes;

    private static int PathOffset => ProofLayout.BodyOffset + (2 * Attestation.Bytes);

    /// <summary>Parses a proof. Never throws, whatever the input. Does not verify the proof: see <see cref="Verify"/>.</summary>
    /// <param name="bytes">Bytes from any source. Copied.</param>
    /// <param name="proof">The proof, if the bytes are valid.</param>
    /// <param name="fault">The reason why the bytes are not valid.</param>
    /// <returns>True if the bytes are a valid consistency proof.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ConsistencyProof? proof, out ProofFault fault)
    {
        proof = null;
        fault = ProofLayout.Read(bytes, ProofLayout.ConsistencyKind, attestations: 2, out ProofLayout.Numbers numbers);
        if (fault == ProofFault.None && numbers with { PathBytes = 0 } != default)
        {
            fault = ProofFault.Numbers;
        }

        if (fault == ProofFault.None)
        {
            if (Attestation.TryParse(bytes.Slice(ProofLayout.BodyOffset, Attestation.Bytes), out Attestation? earlier, out _)
                && Attestation.TryParse(bytes.Slice(ProofLayout.BodyOffset + Attestation.Bytes, Attestation.Bytes), out Attestation? later,
                    out _))
            {
                proof = new ConsistencyProof(bytes.ToArray(), earlier, later);
                return true;
            }

            fault = ProofFault.Attestation;
        }

        return false;
    }

    /// <summary>Returns whether bytes start like a consistency proof, rather than another kind of proof.</summary>
    /// <param name="bytes">Bytes from any source.</param>
    public static bool IsOne(ReadOnlySpan<byte> bytes) => ProofLayout.KindOf(bytes) == ProofLayout.ConsistencyKind;

    /// <summary>
    /// Returns whether both attestations are of a queue and the later one extends the earlier one. Each may be signed with a different key,
    /// so that a proof can cover a change of keys. Never throws for invalid proofs.
    /// </summary>
    /// <param name="originId">The queue's <see cref="Queue.EstreamQueue.Id"/>, known from another source. One key may attest several
    /// queues.</param>
    /// <param name="keys">The trusted public keys.</param>
    public bool Verify(long originId, params IReadOnlyList<IVerifier> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        TreeHead earlier = Earlier.Head, later = Later.Head;
        return earlier.Origin == later.Origin && earlier.OriginId == originId && earlier.OriginId == later.OriginId
            && earlier.FirstSequence == later.FirstSequence
            && MerkleProof.VerifyConsistency(earlier.TreeSize, later.TreeSize, Earlier.Root, Later.Root, _bytes.AsSpan(PathOffset))
            && keys.Any(Earlier.IsSignedBy) && keys.Any(Later.IsSignedBy);
    }

    internal static ConsistencyProof Create(Attestation earlier, Attestation later, ReadOnlySpan<byte> path)
    {
        byte[] bytes = new byte[PathOffset + path.Length];
        ProofLayout.Write(bytes, ProofLayout.ConsistencyKind, new ProofLayout.Numbers(0, 0, 0, 0, path.Length));
        earlier.Encoded.CopyTo(bytes.AsSpan(ProofLayout.BodyOffset));
        later.Encoded.CopyTo(bytes.AsSpan(ProofLayout.BodyOffset + Attestation.Bytes));
        path.CopyTo(bytes.AsSpan(PathOffset));
        return new ConsistencyProof(bytes, earlier, later);
    }
}
