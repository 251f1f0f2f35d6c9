using System.Buffers.Binary;
using System.Text;

namespace Estream.Replication.Internal;

/// <summary>
/// A message of the index of a map: names the current feed, and the process that owns the map. The newest message counts.
/// </summary>
/// <param name="Feed">The number of the feed. A feed begins with a snapshot of the map; the changes after the snapshot follow.</param>
/// <param name="SnapshotEnd">The position in the feed after the snapshot.</param>
/// <param name="Owner">The name of the owner.</param>
internal readonly record struct MapPointer(long Feed, long SnapshotEnd, string Owner)
{
    public const int MaxOwnerBytes = 255;

    private const int Version = 1;
    private const int FeedOffset = 8;
    private const int SnapshotEndOffset = 16;
    private const int OwnerOffset = 24;

    public byte[] ToBytes()
    {
        byte[] message = new byte[OwnerOffset + Encoding.UTF8.GetByteCount(Owner)];
        BinaryPrimitives.WriteInt32LittleEndian(message, Version);
        BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(FeedOffset), Feed);
        BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(SnapshotEndOffset), SnapshotEnd);
        _ = Encoding.UTF8.GetBytes(Owner, message.AsSpan(OwnerOffset));
        return message;
    }

    /// <summary>Reads a message.</summary>
    /// <returns>Whether it is a pointer of a known version.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, out MapPointer pointer)
    {
        pointer = default;
        if (message.Length is < OwnerOffset or > OwnerOffset + MaxOwnerBytes || BinaryPrimitives.ReadInt32LittleEndian(message) != Version)
        {
            return false;
        }

        pointer = new MapPointer(BinaryPrimitives.ReadInt64LittleEndian(message[FeedOffset..]),
            BinaryPrimitives.ReadInt64LittleEndian(message[SnapshotEndOffset..]), Encoding.UTF8.GetString(message[OwnerOffset..]));
        return pointer.Feed != 0 && pointer.SnapshotEnd >= 0;
    }
}
