using System.Diagnostics.CodeAnalysis;
using Estream.Crypto;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>
/// A key of a map with a proof of its value, or of its absence, after the attested messages of the map's change feed. Verifying needs only
/// the proof and the public key. For the byte format see docs/formats/witness.md.
/// </summary>
/// <remarks>
/// Immutable and thread-safe. The proof is about <see cref="Key"/> only: check that this is the requested key. The proof reveals the hashes
/// of up to 15 other entries of the map, so a reader who guesses a key can find out whether the key belongs to one of these entries.
/// </remarks>
public sealed class StateProof
{
    private readonly byte[] _bytes;
    private readonly StateProofLayout.Numbers _numbers;

    private StateProof(byte[] bytes, in StateProofLayout.Numbers numbers, Attestation attestation)
    {
        _bytes = bytes;
        _numbers = numbers;
        Attestation = attestation;
    }

    /// <summary>The attestation of the feed.</summary>
    public Attestation Attestation { get; }

    /// <summary>True if the proof states that the map held the key, false if the key was absent.</summary>
    public bool IsHeld => _numbers.IsHeld;

    /// <summary>The bytes of the key.</summary>
    public ReadOnlySpan<byte> Key => _bytes.AsSpan(StateProofLayout.KeyOffset, _numbers.KeyBytes);

    /// <summary>The bytes of the value; empty if the key was absent.</summary>
    public ReadOnlySpan<byte> Value => _bytes.AsSpan(_numbers.ValueOffset, _numbers.ValueBytes);

    /// <summary>The version of the entry in a map with versions; otherwise 0.</summary>
    public long Version => _numbers.Version;

    /// <summary>
    /// When the entry expires, in nanoseconds since 1970-01-01 UTC; 0 for never. From then on readers of the map treat the entry as
    /// missing, but the state holds it until the feed contains its removal.
    /// </summary>
    public long ExpiresAt => _numbers.ExpiresAt;

    /// <summary>The encoded proof.</summary>
    public ReadOnlySpan<byte> Encoded => _bytes;

    /// <summary>Parses a proof. Never throws, whatever the input. Does not verify the proof: see <see cref="Verify"/>.</summary>
    /// <param name="bytes">Bytes from any source. Copied.</param>
    /// <param name="proof">The proof, if the bytes are valid.</param>
    /// <param name="fault">The reason why the bytes are not valid.</param>
    /// <returns>True if the bytes are a valid state proof.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out StateProof? proof, out ProofFault fault)
    {
        proof = null;
        fault = StateProofLayout.Read(bytes, out StateProofLayout.Numbers numbers);
        if (fault != ProofFault.None)
        {
            return false;
        }

        if (!Attestation.TryParse(bytes.Slice(ProofLayout.BodyOffset, Attestation.Bytes), out Attestation? attestation, out _))
        {
            fault = ProofFault.Attestation;
            return false;
        }

        fault = attestation.StateRoot.IsEmpty ? ProofFault.State : StateProofLayout.CheckBucket(bytes, numbers);
        proof = fault == ProofFault.None ? new StateProof(bytes.ToArray(), numbers, attestation) : null;
        return proof is not null;
    }

    /// <summary>Returns whether bytes start like a state proof, rather than another kind of proof.</summary>
    /// <param name="bytes">Bytes from any source.</param>
    public static bool IsOne(ReadOnlySpan<byte> bytes) => ProofLayout.KindOf(bytes) == ProofLayout.StateKind;

    /// <summary>Returns whether the proof shows that the attested state of the feed holds the key, or does not hold it. Never throws for
    /// invalid proofs.</summary>
    /// <param name="originId">The feed's <see cref="Queue.EstreamQueue.Id"/>, known from another source. One key may attest several
    /// queues.</param>
    /// <param name="keys">The trusted public keys.</param>
    public StateAnswer Verify(long originId, params IReadOnlyList<IVerifier> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return Attestation.Head.OriginId != originId || !ProvesState() || !keys.Any(Attestation.IsSignedBy) ? StateAnswer.Unproven
            : IsHeld ? StateAnswer.Held
            : StateAnswer.Absent;
    }

    /// <summary>Returns whether the proof matches the attested state, without verifying the signature.</summary>
    internal bool ProvesState()
    {
        Span<byte> keyHash = stackalloc byte[MerkleTree.HashBytes];
        Span<byte> root = stackalloc byte[MerkleTree.HashBytes];
        StateHash.HashKey(Key, keyHash);
        StateHash.HashPath(keyHash, _bytes.AsSpan(_numbers.PathOffset, _numbers.Depth * MerkleTree.HashBytes),
            _bytes.AsSpan(_numbers.BucketOffset), root);
        return root.SequenceEqual(Attestation.StateRoot);
    }

    /// <summary>Creates a proof. Returns false if the result does not pass <see cref="ProvesState"/>.</summary>
    internal static bool TryCreate(Attestation attestation, ReadOnlySpan<byte> key, PinnedEntry? held, ReadOnlySpan<byte> path,
        ReadOnlySpan<byte> bucket, [NotNullWhen(true)] out StateProof? proof)
    {
        ReadOnlySpan<byte> value = held?.Value;
        var numbers = new StateProofLayout.Numbers(
            held?.Version ?? 0, held?.ExpiresAt ?? 0, key.Length, held is not null, value.Length, path.Length / MerkleTree.HashBytes,
            bucket.Length / StateHash.EntryBytes);
        byte[] bytes = new byte[numbers.Bytes];
        StateProofLayout.Write(bytes, numbers);
        attestation.Encoded.CopyTo(bytes.AsSpan(ProofLayout.BodyOffset));
        key.CopyTo(bytes.AsSpan(StateProofLayout.KeyOffset));
        value.CopyTo(bytes.AsSpan(numbers.ValueOffset));
        path.CopyTo(bytes.AsSpan(numbers.PathOffset));
        bucket.CopyTo(bytes.AsSpan(numbers.BucketOffset));
        return TryParse(bytes, out proof, out _) && proof.ProvesState();
    }
}

/// <summary>The result of verifying a <see cref="StateProof"/>.</summary>
public enum StateAnswer
{
    /// <summary>The proof is not valid for this feed and these keys, so it shows nothing about the key of the map.</summary>
    Unproven,

    /// <summary>The map held the value. It may have expired: see <see cref="StateProof.ExpiresAt"/>.</summary>
    Held,

    /// <summary>The map did not hold the key.</summary>
    Absent,
}
