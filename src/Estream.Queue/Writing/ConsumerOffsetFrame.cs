using System.Text;
using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// The control frame that stores in a batch how far its writer has consumed another queue: source queue id, position, and the tailer's
/// name. The frame is part of the batch, so output and progress commit together.
/// </summary>
internal static class ConsumerOffsetFrame
{
    // No sequence number has bit 30 set, so a damaged flag in a length word cannot turn a message into this frame.
    public const uint Kind = 3 | (1u << 30);

    private const int FixedBytes = 16;
    private const int QueueIdOffset = FrameLayout.HeaderBytes;
    private const int PositionOffset = FrameLayout.HeaderBytes + 8;

    public static int Bytes(string name) => FrameLayout.HeaderBytes + FixedBytes + name.Length;

    public static bool Is(Segment segment, long offset, int word) =>
        segment.Version > 1 && !segment.IsEncrypted && (word & ~FrameLayout.LengthMask) == FrameLayout.ControlFlag
            && (word & FrameLayout.LengthMask) > FrameLayout.HeaderBytes + FixedBytes
        && FrameCheck.Fits(segment.Memory, offset, word)
        && ((uint)segment.Memory.ReadInt32(offset + FrameLayout.NumberOffset) & ~FrameLayout.BatchFlag) == Kind;

    /// <summary>Writes the body of the frame. A name is ASCII.</summary>
    public static void Write(RegionSpan memory, long offset, long queueId, long position, string name)
    {
        memory.WriteInt64(offset + QueueIdOffset, queueId);
        memory.WriteInt64(offset + PositionOffset, position);
        Encoding.ASCII.GetBytes(name, memory.Span(offset + FrameLayout.HeaderBytes + FixedBytes, name.Length));
    }

    /// <returns>The position in the frame if it belongs to this reader, otherwise null.</returns>
    public static long? Read(Segment segment, long offset, int word, long queueId, string name) =>
        TryRead(segment, offset, word, name, out long source, out long position) && source == queueId ? position : null;

    /// <summary>Reads the queue and the position of a frame, for any queue.</summary>
    /// <returns>Whether the frame belongs to the reader with this name.</returns>
    public static bool TryRead(Segment segment, long offset, int word, string name, out long queueId, out long position)
    {
        RegionSpan memory = segment.Memory;
        queueId = memory.ReadInt64(offset + QueueIdOffset);
        position = memory.ReadInt64(offset + PositionOffset);
        int length = (word & FrameLayout.LengthMask) - FrameLayout.HeaderBytes - FixedBytes;
        return length == name.Length
            && Encoding.ASCII.GetString(memory.ReadOnlySpan(offset + FrameLayout.HeaderBytes + FixedBytes, length)) == name;
    }
}
