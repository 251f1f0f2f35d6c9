using System.Buffers.Binary;
using Estream.Queue;

namespace Estream.Witness.Internal;

/// <summary>What of a message is in its leaf: number, time and payload. Not its position, which another copy of the log may have
/// differently.</summary>
internal static class MessageLeaf
{
    /// <summary>Bytes in front of the payload.</summary>
    public const int HeadBytes = 16;

    /// <summary>Writes what is in front of the payload.</summary>
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

    /// <summary>The hash of a message's leaf.</summary>
    public static void Hash(long sequence, long time, ReadOnlySpan<byte> payload, Span<byte> hash)
    {
        Span<byte> head = stackalloc byte[1 + HeadBytes];
        head[0] = MerkleTree.LeafPrefix;
        WriteHead(head[1..], sequence, time);
        Estream.Crypto.Sha3Lanes.Hash(head, payload, hash);
    }
}
