using System.Diagnostics.CodeAnalysis;
using Estream.Crypto;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>
/// A key of a map with the proof of what it held, or that it was absent, after the attested messages of the map's change feed: all that is
/// needed besides the public key. Byte for byte in docs/formats/witness.md.
/// </summary>
/// <remarks>
/// Immutable and thread-safe. It says something of <see cref="Key"/> and no other: look whether that is the one that was asked for. It
/// shows the hashes of up to 15 other entries of the map: who guesses a key finds out whether it is among them.
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

    /// <summary>What is said to be signed of the feed.</summary>
    public Attestation Attestation { get; }

    /// <summary>Whether the key is said to have been held, else absent.</summary>
    public bool IsHeld => _numbers.IsHeld;

    /// <summary>The key's bytes.</summary>
    public ReadOnlySpan<byte> Key => _bytes.AsSpan(StateProofLayout.KeyOffset, _numbers.KeyBytes);

    /// <summary>The value's bytes; none where the key is said to be absent.</summary>
    public ReadOnlySpan<byte> Value => _bytes.AsSpan(_numbers.ValueOffset, _numbers.ValueBytes);

    /// <summary>The entry's version in a map that has some; otherwise 0.</summary>
    public long Version => _numbers.Version;

    /// <summary>
    /// When the entry ends, in nanoseconds since 1970-01-01 UTC; 0 when it stays. From then on readers of the map count it as missing; it
    /// is held all the same until the feed says that it was removed.
    /// </summary>
    public long ExpiresAt => _numbers.ExpiresAt;

    /// <summary>The whole proof, as it is stored.</summary>
    public ReadOnlySpan<byte> Encoded => _bytes;

    /// <summary>Reads a proof. Whatever it is given, it answers and does not throw; whether it proves anything, <see cref="Verify"/>
    /// says.</summary>
    /// <param name="bytes">From anywhere. Copied.</param>
    /// <param name="proof">The proof, if they are one.</param>
    /// <param name="fault">Why they are none.</param>
    /// <returns>Whether they are one.</returns>
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

    /// <summary>Whether bytes begin as a proof of what a key held does, and not as another kind of proof.</summary>
    /// <param name="bytes">From anywhere.</param>
    public static bool IsOne(ReadOnlySpan<byte> bytes) => ProofLayout.KindOf(bytes) == ProofLayout.StateKind;

    /// <summary>What the map held of the key, as it is attested of its feed. Answers and does not throw.</summary>
    /// <param name="originId">Which queue the feed is: its <see cref="Queue.EstreamQueue.Id"/>, known from elsewhere. A key may attest
    /// several.</param>
    /// <param name="keys">The public keys that are trusted.</param>
    public StateAnswer Verify(long originId, params IReadOnlyList<IVerifier> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return Attestation.Head.OriginId != originId || !ProvesState() || !keys.Any(Attestation.IsSignedBy) ? StateAnswer.Unproven
            : IsHeld ? StateAnswer.Held
            : StateAnswer.Absent;
    }

    /// <summary>Whether the state of the attestation is as it says, whoever has signed that.</summary>
    internal bool ProvesState()
    {
        Span<byte> keyHash = stackalloc byte[MerkleTree.HashBytes];
        Span<byte> root = stackalloc byte[MerkleTree.HashBytes];
        StateHash.HashKey(Key, keyHash);
        StateHash.HashPath(keyHash, _bytes.AsSpan(_numbers.PathOffset, _numbers.Depth * MerkleTree.HashBytes),
            _bytes.AsSpan(_numbers.BucketOffset), root);
        return root.SequenceEqual(Attestation.StateRoot);
    }

    /// <summary>Makes a proof. Nothing says that it is right but <see cref="ProvesState"/>.</summary>
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

/// <summary>What a <see cref="StateProof"/> shows.</summary>
public enum StateAnswer
{
    /// <summary>Nothing.</summary>
    Unproven,

    /// <summary>The map held the value. Whether that had ended by then, <see cref="StateProof.ExpiresAt"/> says.</summary>
    Held,

    /// <summary>The map did not hold the key.</summary>
    Absent,
}
