using System.Diagnostics.CodeAnalysis;
using Estream.Crypto;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>A message of a queue with the proof that the message was attested. Verifying needs only the proof and the public key. For the
/// byte format see docs/formats/witness.md.</summary>
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

    /// <summary>The attestation that covers the message.</summary>
    public Attestation Attestation { get; }

    /// <summary>The claimed leaf index of the message, counted from 0.</summary>
    public long Index => _numbers.Index;

    /// <summary>The sequence number of the message.</summary>
    public long Sequence => _numbers.Sequence;

    /// <summary>The time of the append, as recorded by the queue: nanoseconds since 1970-01-01 UTC.</summary>
    public long Time => _numbers.Time;

    /// <summary>The payload of the message.</summary>
    public ReadOnlySpan<byte> Payload => _bytes.AsSpan(PayloadOffset, _numbers.PayloadBytes);

    /// <summary>The encoded proof.</summary>
    public ReadOnlySpan<byte> Encoded => _bytes;

    /// <summary>The hashes of the inclusion proof, concatenated, as in RFC 9162, section 2.1.3.</summary>
    public ReadOnlySpan<byte> Path => _bytes.AsSpan(PayloadOffset + _numbers.PayloadBytes);

    private static int PayloadOffset => ProofLayout.BodyOffset + Attestation.Bytes;

    /// <summary>Parses a proof. Never throws, whatever the input. Does not verify the proof: see <see cref="Verify"/>.</summary>
    /// <param name="bytes">Bytes from any source. Copied.</param>
    /// <param name="proof">The proof, if the bytes are valid.</param>
    /// <param name="fault">The reason why the bytes are not valid.</param>
    /// <returns>True if the bytes are a valid message proof.</returns>
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

    /// <summary>Returns whether bytes start like a message proof, rather than another kind of proof.</summary>
    /// <param name="bytes">Bytes from any source.</param>
    public static bool IsOne(ReadOnlySpan<byte> bytes) => ProofLayout.KindOf(bytes) == ProofLayout.MessageKind;

    /// <summary>Returns whether the message is among the attested messages of a queue. Never throws for invalid proofs.</summary>
    /// <param name="originId">The queue's <see cref="Queue.EstreamQueue.Id"/>, known from another source. One key may attest several
    /// queues.</param>
    /// <param name="keys">The trusted public keys.</param>
    public bool Verify(long originId, params IReadOnlyList<IVerifier> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return Attestation.Head.OriginId == originId && ProvesInclusion() && keys.Any(Attestation.IsSignedBy);
    }

    /// <summary>Computes the hash of the message's leaf, which covers its sequence number, time and payload.</summary>
    /// <param name="hash">Receives the hash: exactly <see cref="MerkleTree.HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The span for the hash has the wrong length.</exception>
    public void HashLeaf(Span<byte> hash)
    {
        MerkleTree.RequireHash(hash.Length, nameof(hash));
        MessageLeaf.Hash(Sequence, Time, Payload, hash);
    }

    /// <summary>Returns whether the message is in the attested tree, without verifying the signature.</summary>
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
