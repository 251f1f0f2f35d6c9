using System.Diagnostics.CodeAnalysis;
using Estream.Crypto;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>
/// A signed statement of which messages a log contained at a certain time: the root of the Merkle tree over the messages and, for the
/// change feed of a map, the root of the map's state, signed with ML-DSA-87. For the byte format see docs/formats/witness.md.
/// </summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class Attestation
{
    /// <summary>The size of every attestation, in bytes.</summary>
    public const int Bytes = AttestationLayout.SignatureOffset + MlDsa87.SignatureBytes;

    private readonly byte[] _bytes;

    private Attestation(byte[] bytes) => _bytes = bytes;

    /// <summary>The context of the signature. Because of the context, a signature made for another purpose is not valid for an
    /// attestation.</summary>
    public static ReadOnlySpan<byte> Context => "estream.witness.v1"u8;

    /// <summary>The log, the covered messages, and the time.</summary>
    public TreeHead Head => AttestationLayout.ReadHead(_bytes);

    /// <summary>The root of the tree.</summary>
    public ReadOnlySpan<byte> Root => _bytes.AsSpan(AttestationLayout.RootOffset, MerkleTree.HashBytes);

    /// <summary>The root of the map's state after these messages, if the log is the change feed of a map; empty if the attestation does not
    /// include a state.</summary>
    public ReadOnlySpan<byte> StateRoot => AttestationLayout.HasState(_bytes)
        ? _bytes.AsSpan(AttestationLayout.StateRootOffset, MerkleTree.HashBytes)
        : [];

    /// <summary>The id of the signing key, as claimed by the attestation: see <see cref="KeyIdOf"/>.</summary>
    public ReadOnlySpan<byte> KeyId => _bytes.AsSpan(AttestationLayout.KeyIdOffset, MerkleTree.HashBytes);

    /// <summary>The encoded attestation.</summary>
    public ReadOnlySpan<byte> Encoded => _bytes;

    /// <summary>Creates and signs an attestation.</summary>
    /// <param name="head">The attested log, messages and time.</param>
    /// <param name="root">The root of the tree: <see cref="MerkleTree.HashBytes"/> bytes.</param>
    /// <param name="signer">A key of ML-DSA-87.</param>
    /// <exception cref="ArgumentException">The head is invalid (the message names the <see cref="AttestationFault"/>), the root has the
    /// wrong length, or the key has another algorithm.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    /// <remarks>Costs a signature, about 30 to 80 microseconds.</remarks>
    public static Attestation Sign(in TreeHead head, ReadOnlySpan<byte> root, ISigner signer) => Sign(head, root, [], signer);

    /// <summary>Creates and signs an attestation that includes a map's state.</summary>
    /// <param name="head">The attested log, messages and time.</param>
    /// <param name="root">The root of the tree: <see cref="MerkleTree.HashBytes"/> bytes.</param>
    /// <param name="stateRoot">The root of the state, <see cref="MerkleTree.HashBytes"/> bytes; empty for an attestation without a
    /// state.</param>
    /// <param name="signer">A key of ML-DSA-87.</param>
    /// <exception cref="ArgumentException">The head is invalid (the message names the <see cref="AttestationFault"/>), a root has the wrong
    /// length, or the key has another algorithm.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    /// <remarks>Costs a signature, about 30 to 80 microseconds.</remarks>
    public static Attestation Sign(in TreeHead head, ReadOnlySpan<byte> root, ReadOnlySpan<byte> stateRoot, ISigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        MerkleTree.RequireHash(root.Length, nameof(root));
        if (!stateRoot.IsEmpty)
        {
            MerkleTree.RequireHash(stateRoot.Length, nameof(stateRoot));
        }

        RequireRight(signer);
        byte[] bytes = new byte[Bytes];
        AttestationLayout.WriteHead(bytes, head, hasState: !stateRoot.IsEmpty);
        root.CopyTo(bytes.AsSpan(AttestationLayout.RootOffset));
        stateRoot.CopyTo(bytes.AsSpan(AttestationLayout.StateRootOffset));
        KeyIdOf(signer.Verifier, bytes.AsSpan(AttestationLayout.KeyIdOffset, MerkleTree.HashBytes));
        if (AttestationLayout.Check(bytes) is not AttestationFault.None and AttestationFault fault)
        {
            throw new ArgumentException($"The head {head} is not valid for an attestation: {fault}.", nameof(head));
        }

        signer.Sign(bytes.AsSpan(0, AttestationLayout.SignatureOffset), Context, bytes.AsSpan(AttestationLayout.SignatureOffset));
        return new Attestation(bytes);
    }

    /// <summary>Parses an attestation. Never throws, whatever the input. Does not verify the signature.</summary>
    /// <param name="bytes">Bytes from any source. Copied.</param>
    /// <param name="attestation">The attestation, if the bytes are valid.</param>
    /// <param name="fault">The reason why the bytes are not valid.</param>
    /// <returns>True if the bytes are a valid attestation.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Attestation? attestation, out AttestationFault fault)
    {
        fault = AttestationLayout.Check(bytes);
        attestation = fault == AttestationFault.None ? new Attestation(bytes.ToArray()) : null;
        return attestation is not null;
    }

    /// <summary>Computes the id of a key: the SHA3-256 hash of the encoded public key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="id">Receives the id: exactly <see cref="MerkleTree.HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The span for the id has the wrong length.</exception>
    public static void KeyIdOf(IVerifier key, Span<byte> id)
    {
        ArgumentNullException.ThrowIfNull(key);
        Sha3Lanes.Hash(key.PublicKey.Span, id);
    }

    /// <summary>Returns whether the attestation was signed with the private key of a public key.</summary>
    /// <param name="key">The trusted public key.</param>
    public bool IsSignedBy(IVerifier key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Span<byte> id = stackalloc byte[MerkleTree.HashBytes];
        KeyIdOf(key, id);
        return IsRight(key)
            && id.SequenceEqual(KeyId)
            && key.Verify(_bytes.AsSpan(0, AttestationLayout.SignatureOffset), Context, _bytes.AsSpan(AttestationLayout.SignatureOffset));
    }

    /// <exception cref="ArgumentException">The key has another algorithm.</exception>
    internal static void RequireRight(ISigner signer)
    {
        if (!IsRight(signer.Verifier))
        {
            throw new ArgumentException($"Attestations are signed with {MlDsa87.Name}; the algorithm of this key is {signer.Algorithm}.",
                nameof(signer));
        }
    }

    private static bool IsRight(IVerifier key) => key.Algorithm == MlDsa87.Name && key.SignatureSize == MlDsa87.SignatureBytes;
}

/// <summary>The attested data except the roots: the log, the covered messages, and the time.</summary>
/// <param name="Origin">The kind of log.</param>
/// <param name="OriginId">The id of the log; for a queue, <see cref="Queue.EstreamQueue.Id"/>.</param>
/// <param name="FirstSequence">The sequence number of the first covered message, the first leaf of the tree. Trees of a log that start at
/// different messages cannot be compared.</param>
/// <param name="TreeSize">The number of leaves of the tree, at least 1.</param>
/// <param name="Sequence">The sequence number of the last covered message. At least FirstSequence + TreeSize - 1; larger if the log
/// skipped sequence numbers. A skipped number is never used later.</param>
/// <param name="Position">The position of the last covered message.</param>
/// <param name="Time">The time of the signature: nanoseconds since 1970-01-01 UTC, by the signer's clock.</param>
public readonly record struct TreeHead(OriginKind Origin, long OriginId, long FirstSequence, long TreeSize, long Sequence, long Position,
    long Time);

/// <summary>The kind of an attested log.</summary>
public enum OriginKind
{
    /// <summary>A queue: the leaves are its messages, and the origin's id is the id of the queue.</summary>
    Queue = 1,
}
