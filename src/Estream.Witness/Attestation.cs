using System.Diagnostics.CodeAnalysis;
using Estream.Crypto;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>
/// A signed word that a log began with certain messages at a certain time: the root of the Merkle tree over them, and for the change feed
/// of a map that of the map's state, signed with ML-DSA-87. Byte for byte in docs/formats/witness.md.
/// </summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class Attestation
{
    /// <summary>Bytes of every attestation.</summary>
    public const int Bytes = AttestationLayout.SignatureOffset + MlDsa87.SignatureBytes;

    private readonly byte[] _bytes;

    private Attestation(byte[] bytes) => _bytes = bytes;

    /// <summary>What the signature is for: no signature made for something else is one of an attestation.</summary>
    public static ReadOnlySpan<byte> Context => "estream.witness.v1"u8;

    /// <summary>Of which log, up to where, and when.</summary>
    public TreeHead Head => AttestationLayout.ReadHead(_bytes);

    /// <summary>The root of the tree.</summary>
    public ReadOnlySpan<byte> Root => _bytes.AsSpan(AttestationLayout.RootOffset, MerkleTree.HashBytes);

    /// <summary>The root of the state of the map whose change feed the log is, after these messages; empty where nothing is said of
    /// one.</summary>
    public ReadOnlySpan<byte> StateRoot => AttestationLayout.HasState(_bytes)
        ? _bytes.AsSpan(AttestationLayout.StateRootOffset, MerkleTree.HashBytes)
        : [];

    /// <summary>Which key is said to have signed: see <see cref="KeyIdOf"/>.</summary>
    public ReadOnlySpan<byte> KeyId => _bytes.AsSpan(AttestationLayout.KeyIdOffset, MerkleTree.HashBytes);

    /// <summary>The whole attestation.</summary>
    public ReadOnlySpan<byte> Encoded => _bytes;

    /// <summary>Makes an attestation.</summary>
    /// <param name="head">What it says.</param>
    /// <param name="root">The root of the tree, <see cref="MerkleTree.HashBytes"/> bytes.</param>
    /// <param name="signer">A key of ML-DSA-87.</param>
    /// <exception cref="ArgumentException">No attestation may say that (its <see cref="AttestationFault"/> is named), the root has another
    /// length, or the key is of another algorithm.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    /// <remarks>Costs a signature, some 30 to 80 microseconds.</remarks>
    public static Attestation Sign(in TreeHead head, ReadOnlySpan<byte> root, ISigner signer) => Sign(head, root, [], signer);

    /// <summary>Makes an attestation, of a map's state as well.</summary>
    /// <param name="head">What it says.</param>
    /// <param name="root">The root of the tree, <see cref="MerkleTree.HashBytes"/> bytes.</param>
    /// <param name="stateRoot">The root of the state, as many bytes; or none, to say nothing of a state.</param>
    /// <param name="signer">A key of ML-DSA-87.</param>
    /// <exception cref="ArgumentException">No attestation may say that (its <see cref="AttestationFault"/> is named), a root has another
    /// length, or the key is of another algorithm.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    /// <remarks>Costs a signature, some 30 to 80 microseconds.</remarks>
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
            throw new ArgumentException($"An attestation cannot say {head}: {fault}.", nameof(head));
        }

        signer.Sign(bytes.AsSpan(0, AttestationLayout.SignatureOffset), Context, bytes.AsSpan(AttestationLayout.SignatureOffset));
        return new Attestation(bytes);
    }

    /// <summary>Reads an attestation. Whatever it is given, it answers and does not throw; that it is one says nothing of who signed
    /// it.</summary>
    /// <param name="bytes">From anywhere. Copied.</param>
    /// <param name="attestation">The attestation, if they are one.</param>
    /// <param name="fault">Why they are none.</param>
    /// <returns>Whether they are one.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Attestation? attestation, out AttestationFault fault)
    {
        fault = AttestationLayout.Check(bytes);
        attestation = fault == AttestationFault.None ? new Attestation(bytes.ToArray()) : null;
        return attestation is not null;
    }

    /// <summary>The id of a key: the SHA3-256 of the encoded public key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="id">Becomes its id, exactly <see cref="MerkleTree.HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The id has another length.</exception>
    public static void KeyIdOf(IVerifier key, Span<byte> id)
    {
        ArgumentNullException.ThrowIfNull(key);
        Sha3Lanes.Hash(key.PublicKey.Span, id);
    }

    /// <summary>Whether this was signed with the private key of a public one.</summary>
    /// <param name="key">The public key that is trusted.</param>
    public bool IsSignedBy(IVerifier key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Span<byte> id = stackalloc byte[MerkleTree.HashBytes];
        KeyIdOf(key, id);
        return IsRight(key)
            && id.SequenceEqual(KeyId)
            && key.Verify(_bytes.AsSpan(0, AttestationLayout.SignatureOffset), Context, _bytes.AsSpan(AttestationLayout.SignatureOffset));
    }

    /// <exception cref="ArgumentException">The key is of another algorithm.</exception>
    internal static void RequireRight(ISigner signer)
    {
        if (!IsRight(signer.Verifier))
        {
            throw new ArgumentException($"Attestations are signed with {MlDsa87.Name}; this key is one of {signer.Algorithm}.",
                nameof(signer));
        }
    }

    private static bool IsRight(IVerifier key) => key.Algorithm == MlDsa87.Name && key.SignatureSize == MlDsa87.SignatureBytes;
}

/// <summary>What an attestation says besides the root: of which log, up to where, and when.</summary>
/// <param name="Origin">The kind of log.</param>
/// <param name="OriginId">Which log: of a queue, <see cref="Queue.EstreamQueue.Id"/>.</param>
/// <param name="FirstSequence">The number of the first message that counts: where the tree begins. Two trees of a log that begin at
/// different messages say nothing of each other.</param>
/// <param name="TreeSize">Leaves of the tree, at least 1.</param>
/// <param name="Sequence">The number of the last message that counts. As far behind the first one as there are leaves besides it, or
/// farther, since numbers may be left out and never come twice.</param>
/// <param name="Position">The position of that message.</param>
/// <param name="Time">When it was signed: nanoseconds since 1970-01-01 UTC, by the signer's clock.</param>
public readonly record struct TreeHead(OriginKind Origin, long OriginId, long FirstSequence, long TreeSize, long Sequence, long Position,
    long Time);

/// <summary>What kind of log an attestation is of.</summary>
public enum OriginKind
{
    /// <summary>A queue: the leaves are its messages, and the origin's id is the queue's.</summary>
    Queue = 1,
}
