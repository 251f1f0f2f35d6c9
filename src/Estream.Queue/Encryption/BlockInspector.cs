using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Inspects encrypted blocks: with keys it authenticates them, without keys it trusts their headers.</summary>
internal sealed class BlockInspector(EstreamQueue queue) : IDisposable
{
    private readonly BlockReader _reader = new(queue);

    /// <returns>The number of messages and payload bytes; without keys the bytes include padding.</returns>
    /// <exception cref="EstreamCorruptionException">The block does not authenticate, or contradicts its header.</exception>
    public (long Messages, long PayloadBytes) Inspect(Segment segment, long offset, int word)
    {
        uint count = BlockFrame.Count(segment.Memory, offset);
        if (queue.Keys is null)
        {
            return (count, BlockFrame.InnerBytes(word) - ((long)count * FrameLayout.HeaderBytes));
        }

        _reader.Open(segment, offset, word);
        (long messages, long payloadBytes) = Count(BlockFrame.FirstNumber(segment.Memory, offset));
        return messages == count
            ? (messages, payloadBytes)
            : throw new EstreamCorruptionException(
                $"The encrypted block at offset {offset} of '{segment.Path}' declares {count} messages, but contains {messages} "
                + "consecutive ones. "
                + "Read it with the release that wrote it.", segment.Path, offset);
    }

    public void Dispose() => _reader.Dispose();

    private (long Messages, long PayloadBytes) Count(uint number)
    {
        RegionSpan frames = _reader.Frames;
        (long messages, long payloadBytes) = (0, 0);
        int word;
        for (long at = BlockLayout.HeaderBytes; (word = frames.ReadInt32(at)) > 0; at += FrameLayout.StrideOfAny(word))
        {
            if (ConsumerOffsetFrame.Is(_reader.View, at, word))
            {
                continue;
            }

            uint stored = (uint)frames.ReadInt32(at + FrameLayout.NumberOffset) & ~FrameLayout.BatchFlag;
            if (!FrameLayout.IsMessage(word) || !FrameCheck.Fits(frames, at, word) || stored != number + messages)
            {
                return (-1, 0);
            }

            messages++;
            payloadBytes += word - FrameLayout.HeaderBytes;
        }

        return (messages, payloadBytes);
    }
}
