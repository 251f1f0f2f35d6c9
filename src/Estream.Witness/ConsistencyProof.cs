using System.Diagnostics.CodeAnalysis;
using Estream.Crypto;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>Two attestations of a queue with the proof that the later one is of the same history. Byte for byte in
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

    /// <summary>The attestation of more of them.</summary>
    public Attestation Later { get; }

    /// <summary>The whole proof, as it is stored.</summary>
    public ReadOnlySpan<byte> Encoded => _bytes;

    private static int PathOffset => ProofLayout.BodyOffset + (2 * Attestation.Bytes);

    /// <summary>Reads a proof. Whatever it is given, it answers and does not throw; whether it proves anything, <see cref="Verify"/>
    /// says.</summary>
    /// <param name="bytes">From anywhere. Copied.</param>
    /// <param name="proof">The proof, if they are one.</param>
    /// <param name="fault">Why they are none.</param>
    /// <returns>Whether they are one.</returns>
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

    /// <summary>Whether bytes begin as a proof of consistency does, and not as another kind of proof.</summary>
    /// <param name="bytes">From anywhere.</param>
    public static bool IsOne(ReadOnlySpan<byte> bytes) => ProofLayout.KindOf(bytes) == ProofLayout.ConsistencyKind;

    /// <summary>
    /// Whether both are attested of a queue, and the later one says the same of the messages of the earlier one. Each may be signed with
    /// another key, so that history is proven across a change of keys. Answers and does not throw.
    /// </summary>
    /// <param name="originId">Which queue: its <see cref="Queue.EstreamQueue.Id"/>, known from elsewhere. A key may attest several.</param>
    /// <param name="keys">The public keys that are trusted.</param>
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
