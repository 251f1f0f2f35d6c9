using System.Diagnostics.CodeAnalysis;
using Estream.Crypto;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>A message of a queue with the proof that it is among those attested: all that is needed besides the public key. Byte for byte
/// in docs/formats/witness.md.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class MessageProof
{
    private readonly byte[] _bytes;
    private readonly ProofLayout.Numbers _numbers;

    private MessageProof(byte[] bytes, in ProofLayout.Numbers numbers, Attestation attestation)
    {
        _bytes = bytes;
        _numbers = numbers;
        Attestation = attestation;
    }

    /// <summary>What is said to be signed of the queue.</summary>
    public Attestation Attestation { get; }

    /// <summary>Which leaf the message is said to be, counted from 0.</summary>
    public long Index => _numbers.Index;

    /// <summary>The message's number.</summary>
    public long Sequence => _numbers.Sequence;

    /// <summary>When it was appended: nanoseconds since 1970-01-01 UTC, as its queue has it.</summary>
    public long Time => _numbers.Time;

    /// <summary>The message itself.</summary>
    public ReadOnlySpan<byte> Payload => _bytes.AsSpan(PayloadOffset, _numbers.PayloadBytes);

    /// <summary>The whole proof, as it is stored.</summary>
    public ReadOnlySpan<byte> Encoded => _bytes;

    /// <summary>The hashes of the proof, one behind the other, as RFC 9162, section 2.1.3, has them.</summary>
    public ReadOnlySpan<byte> Path => _bytes.AsSpan(PayloadOffset + _numbers.PayloadBytes);

    private static int PayloadOffset => ProofLayout.BodyOffset + Attestation.Bytes;

    /// <summary>Reads a proof. Whatever it is given, it answers and does not throw; whether it proves anything, <see cref="Verify"/>
    /// says.</summary>
    /// <param name="bytes">From anywhere. Copied.</param>
    /// <param name="proof">The proof, if they are one.</param>
    /// <param name="fault">Why they are none.</param>
    /// <returns>Whether they are one.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out MessageProof? proof, out ProofFault fault)
    {
        proof = null;
        fault = ProofLayout.Read(bytes, ProofLayout.MessageKind, attestations: 1, out ProofLayout.Numbers numbers);
        if (fault == ProofFault.None && (numbers.Index < 0 || numbers.Sequence < numbers.Index))
        {
            fault = ProofFault.Numbers;
        }

        if (fault == ProofFault.None)
        {
            if (Attestation.TryParse(bytes.Slice(ProofLayout.BodyOffset, Attestation.Bytes), out Attestation? attestation, out _))
            {
                proof = new MessageProof(bytes.ToArray(), numbers, attestation);
                return true;
            }

            fault = ProofFault.Attestation;
        }

        return false;
    }

    /// <summary>Whether bytes begin as a proof of a message does, and not as another kind of proof.</summary>
    /// <param name="bytes">From anywhere.</param>
    public static bool IsOne(ReadOnlySpan<byte> bytes) => ProofLayout.KindOf(bytes) == ProofLayout.MessageKind;

    /// <summary>Whether this message is among those that are attested of a queue. Answers and does not throw.</summary>
    /// <param name="originId">Which queue: its <see cref="Queue.EstreamQueue.Id"/>, known from elsewhere. A key may attest several.</param>
    /// <param name="keys">The public keys that are trusted.</param>
    public bool Verify(long originId, params IReadOnlyList<IVerifier> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return Attestation.Head.OriginId == originId && ProvesInclusion() && keys.Any(Attestation.IsSignedBy);
    }

    /// <summary>The hash of the message's leaf, which is over its number, its time and itself.</summary>
    /// <param name="hash">Becomes it, exactly <see cref="MerkleTree.HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The hash has another length.</exception>
    public void HashLeaf(Span<byte> hash)
    {
        MerkleTree.RequireHash(hash.Length, nameof(hash));
        MessageLeaf.Hash(Sequence, Time, Payload, hash);
    }

    /// <summary>Whether the message is in the tree of the attestation, whoever has signed that.</summary>
    internal bool ProvesInclusion()
    {
        Span<byte> leaf = stackalloc byte[MerkleTree.HashBytes];
        HashLeaf(leaf);
        TreeHead head = Attestation.Head;
        return Sequence >= head.FirstSequence && Sequence <= head.Sequence
            && MerkleProof.VerifyInclusion(Index, head.TreeSize, leaf, Path, Attestation.Root);
    }

    internal static MessageProof Create(Attestation attestation, long index, long sequence, long time, ReadOnlySpan<byte> payload,
        ReadOnlySpan<byte> path)
    {
        byte[] bytes = new byte[PayloadOffset + payload.Length + path.Length];
        var numbers = new ProofLayout.Numbers(index, sequence, time, payload.Length, path.Length);
        ProofLayout.Write(bytes, ProofLayout.MessageKind, numbers);
        attestation.Encoded.CopyTo(bytes.AsSpan(ProofLayout.BodyOffset));
        payload.CopyTo(bytes.AsSpan(PayloadOffset));
        path.CopyTo(bytes.AsSpan(PayloadOffset + payload.Length));
        return new MessageProof(bytes, numbers, attestation);
    }
}
