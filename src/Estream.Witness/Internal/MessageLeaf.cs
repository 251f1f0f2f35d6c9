using System.Buffers.Binary;
using Estream.Queue;

namespace Estream.Witness.Internal;

/// <summary>The content of a message's leaf: sequence number, time and payload. Excludes the position, which can differ in a copy of the
/// log.</summary>
internal static class MessageLeaf
{
    /// <summary>The number of bytes before the payload.</summary>
    public const int HeadBytes = 16;

    /// <summary>Writes the bytes before the payload.</summary>
    public static void WriteHead(Span<byte> head, long sequence, long time)
    {
        BinaryPrimitives.WriteInt64LittleEndian(head, sequence);
        BinaryPrimitives.WriteInt64LittleEndian(head[sizeof(long)..], time);
    }

    /// <summary>Appends a message to a tree.</summary>
    public static void Append(MerkleTreeBuilder builder, in QueueMessage message)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        WriteHead(head, message.Sequence, message.Time);
        builder.Append(head, message.Payload);
    }

    /// <summary>Computes the hash of a message's leaf.</summary>
    public static void Hash(long sequence, long time, ReadOnlySpan<byte> payload, Span<byte> hash)
    {
        Span<byte> head = stackalloc byte[1 + HeadBytes];
        head[0] = MerkleTree.LeafPrefix;
        WriteHead(head[1..], sequence, time);
        Estream.Crypto.Sha3Lanes.Hash(head, payload, hash);
    }
}
