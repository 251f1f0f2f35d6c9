using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>
/// A message of a witness queue: an attestation, and the nodes from which the tree goes on and proofs are made. Byte for byte in
/// docs/formats/witness.md.
/// </summary>
/// <remarks>
/// Immutable and thread-safe. The nodes are not signed and need not be: <see cref="TryParse"/> computes the attested root from those the
/// tree consists of, and what is proven with the others is verified against it as well.
/// </remarks>
public sealed class WitnessEntry
{
    private const int VersionOffset = 8;
    private const int ZeroOffset = 12;
    private const int PreviousOffset = 16;
    private const int FirstPositionOffset = 24;
    private const int AttestationOffset = 32;
    private const int PaddingOffset = AttestationOffset + Attestation.Bytes;
    private const int Version = 1;

    private readonly byte[] _bytes;

    private WitnessEntry(byte[] bytes, Attestation attestation)
    {
        _bytes = bytes;
        Attestation = attestation;
    }

    /// <summary>The attestation.</summary>
    public Attestation Attestation { get; }

    /// <summary>Leaves of the tree of the entry before; 0 for the first.</summary>
    public long PreviousSize => BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(PreviousOffset));

    /// <summary>The position of the first message that came in since.</summary>
    public long FirstPosition => BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(FirstPositionOffset));

    /// <summary>The whole entry.</summary>
    public ReadOnlySpan<byte> Encoded => _bytes;

    /// <summary>The roots of the full subtrees the tree consists of, that of the most leaves first.</summary>
    internal ReadOnlySpan<byte> Nodes => _bytes.AsSpan(NodesOffset, NodeBytes(Attestation.Head.TreeSize));

    /// <summary>The roots of the full subtrees of 256 leaves that have come in since the entry before.</summary>
    internal ReadOnlySpan<byte> Blocks => _bytes.AsSpan(NodesOffset + Nodes.Length);

    private static ReadOnlySpan<byte> Magic => "ESTRWIT1"u8;

    private static int NodesOffset => (PaddingOffset + 7) & ~7;

    /// <summary>Reads an entry. Whatever it is given, it answers and does not throw; whose attestation it is, is another
    /// question.</summary>
    /// <param name="bytes">From anywhere. Copied.</param>
    /// <param name="entry">The entry, if they are one.</param>
    /// <param name="fault">Why they are none.</param>
    /// <returns>Whether they are one.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out WitnessEntry? entry, out WitnessEntryFault fault)
    {
        fault = Check(bytes, out Attestation? attestation);
        entry = fault == WitnessEntryFault.None ? new WitnessEntry(bytes.ToArray(), attestation!) : null;
        return entry is not null;
    }

    /// <summary>The most bytes an entry has that so many messages came in before.</summary>
    internal static long MaxBytes(long messages) =>
        NodesOffset + ((long)MerkleFrontier.MaxNodes * MerkleTree.HashBytes)
            + (((messages / MerkleBlocks.Leaves) + 1) * MerkleTree.HashBytes);

    /// <summary>Makes an entry.</summary>
    internal static WitnessEntry Create(Attestation attestation, long previousSize, long firstPosition, MerkleTreeBuilder tree)
    {
        int nodes = NodeBytes(attestation.Head.TreeSize);
        byte[] bytes = new byte[NodesOffset + nodes + tree.Blocks.Length];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(VersionOffset), Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(PreviousOffset), previousSize);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(FirstPositionOffset), firstPosition);
        attestation.Encoded.CopyTo(bytes.AsSpan(AttestationOffset));
        tree.Frontier.CopyNodes(bytes.AsSpan(NodesOffset, nodes));
        tree.Blocks.CopyTo(bytes.AsSpan(NodesOffset + nodes));
        return new WitnessEntry(bytes, attestation);
    }

    /// <summary>The tree of the attestation.</summary>
    internal MerkleFrontier Resume() => MerkleFrontier.Resume(Attestation.Head.TreeSize, Nodes);

    private static int NodeBytes(long size) => BitOperations.PopCount((ulong)size) * MerkleTree.HashBytes;

    private static WitnessEntryFault Check(ReadOnlySpan<byte> bytes, out Attestation? attestation)
    {
        attestation = null;
        if (bytes.Length < NodesOffset)
        {
            return WitnessEntryFault.Length;
        }

        if (!bytes.StartsWith(Magic))
        {
            return WitnessEntryFault.Magic;
        }

        if (BinaryPrimitives.ReadInt32LittleEndian(bytes[VersionOffset..]) != Version)
        {
            return WitnessEntryFault.Version;
        }

        if (bytes[ZeroOffset..PreviousOffset].ContainsAnyExcept((byte)0) || bytes[PaddingOffset..NodesOffset].ContainsAnyExcept((byte)0))
        {
            return WitnessEntryFault.Reserved;
        }

        return Attestation.TryParse(bytes.Slice(AttestationOffset, Attestation.Bytes), out attestation, out _)
            ? CheckNodes(bytes, attestation)
            : WitnessEntryFault.Attestation;
    }

    private static WitnessEntryFault CheckNodes(ReadOnlySpan<byte> bytes, Attestation attestation)
    {
        TreeHead head = attestation.Head;
        long previous = BinaryPrimitives.ReadInt64LittleEndian(bytes[PreviousOffset..]),
        first = BinaryPrimitives.ReadInt64LittleEndian(bytes[FirstPositionOffset..]);
        if (previous < 0 || previous >= head.TreeSize || first < 0 || first > head.Position)
        {
            return WitnessEntryFault.Numbers;
        }

        long blocks = (head.TreeSize >> MerkleBlocks.Level) - (previous >> MerkleBlocks.Level);
        int nodes = NodeBytes(head.TreeSize);
        if (blocks > bytes.Length || bytes.Length != NodesOffset + nodes + (blocks * MerkleTree.HashBytes))
        {
            return WitnessEntryFault.Length;
        }

        Span<byte> root = stackalloc byte[MerkleTree.HashBytes];
        MerkleTree.HashNodes(bytes.Slice(NodesOffset, nodes), root);
        return root.SequenceEqual(attestation.Root) ? WitnessEntryFault.None : WitnessEntryFault.Nodes;
    }
}

/// <summary>Why a message of a witness queue is no entry. The first that applies, in this order.</summary>
public enum WitnessEntryFault
{
    /// <summary>It is one, as far as its form goes.</summary>
    None,

    /// <summary>It is too short, or has more or fewer bytes than its numbers ask for.</summary>
    Length,

    /// <summary>It does not begin as an entry does.</summary>
    Magic,

    /// <summary>A version that is not known here.</summary>
    Version,

    /// <summary>Bytes that are kept for later versions are not zero.</summary>
    Reserved,

    /// <summary>The attestation in it is none.</summary>
    Attestation,

    /// <summary>The tree before it is not smaller, or its first message is behind its last.</summary>
    Numbers,

    /// <summary>The root that follows from its nodes is not the one that is attested.</summary>
    Nodes,
}
