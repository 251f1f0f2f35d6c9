using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>
/// A message of a witness queue: an attestation, and the tree nodes that are needed to resume the tree and to make proofs. For the byte
/// format see docs/formats/witness.md.
/// </summary>
/// <remarks>
/// Immutable and thread-safe. The nodes need no signature: <see cref="TryParse"/> computes the attested root from the nodes of the tree,
/// and proofs made with the other nodes are verified against the same root.
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

    /// <summary>The tree size of the previous entry; 0 for the first entry.</summary>
    public long PreviousSize => BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(PreviousOffset));

    /// <summary>The position of the first message after the previous entry.</summary>
    public long FirstPosition => BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(FirstPositionOffset));

    /// <summary>The encoded entry.</summary>
    public ReadOnlySpan<byte> Encoded => _bytes;

    /// <summary>The roots of the full subtrees that form the tree, largest first.</summary>
    internal ReadOnlySpan<byte> Nodes => _bytes.AsSpan(NodesOffset, NodeBytes(Attestation.Head.TreeSize));

    /// <summary>The roots of the full subtrees of 256 leaves that were completed since the previous entry.</summary>
    internal ReadOnlySpan<byte> Blocks => _bytes.AsSpan(NodesOffset + Nodes.Length);

    private static ReadOnlySpan<byte> Magic => "ESTRWIT1"u8;

    private static int NodesOffset => (PaddingOffset + 7) & ~7;

    /// <summary>Parses an entry. Never throws, whatever the input. Does not verify the attestation's signature.</summary>
    /// <param name="bytes">Bytes from any source. Copied.</param>
    /// <param name="entry">The entry, if the bytes are valid.</param>
    /// <param name="fault">The reason why the bytes are not valid.</param>
    /// <returns>True if the bytes are a valid entry.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out WitnessEntry? entry, out WitnessEntryFault fault)
    {
        fault = Check(bytes, out Attestation? attestation);
        entry = fault == WitnessEntryFault.None ? new WitnessEntry(bytes.ToArray(), attestation!) : null;
        return entry is not null;
    }

    /// <summary>Returns the maximum size of an entry that covers this many new messages.</summary>
    internal static long MaxBytes(long messages) =>
        NodesOffset + ((long)MerkleFrontier.MaxNodes * MerkleTree.HashBytes)
            + (((messages / MerkleBlocks.Leaves) + 1) * MerkleTree.HashBytes);

    /// <summary>Creates an entry.</summary>
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

    /// <summary>Restores the tree of the attestation.</summary>
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

/// <summary>The reason why a message of a witness queue is not a valid entry: the first fault that applies, in this order.</summary>
public enum WitnessEntryFault
{
    /// <summary>The form is valid.</summary>
    None,

    /// <summary>The bytes are too short, or their length does not match the numbers in them.</summary>
    Length,

    /// <summary>The bytes do not start with the magic number of entries.</summary>
    Magic,

    /// <summary>The version is unknown.</summary>
    Version,

    /// <summary>Bytes that are reserved for later versions are not zero.</summary>
    Reserved,

    /// <summary>The attestation in the entry is invalid.</summary>
    Attestation,

    /// <summary>The previous tree size is negative or not smaller than the tree, or the first position is negative or after the
    /// last.</summary>
    Numbers,

    /// <summary>The root computed from the nodes is not the attested root.</summary>
    Nodes,
}
