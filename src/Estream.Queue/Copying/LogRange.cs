using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>A run of whole, committed frames of one segment, as they are in the file. Valid until its reader reads again.</summary>
internal readonly ref struct LogRange
{
    /// <summary>The fields of the segment that contains the frames.</summary>
    public SegmentHeader Segment { get; init; }

    /// <summary>The position of the first frame.</summary>
    public long Position { get; init; }

    /// <summary>The frames, including pads, consumer offsets, and the end-of-segment frame.</summary>
    public ReadOnlySpan<byte> Frames { get; init; }

    /// <summary>What the frames contain.</summary>
    public FrameRun Run { get; init; }

    /// <summary>The position after the frames: the first frame of the next segment if they end the segment.</summary>
    public long End => Run.IsSealed
        ? ((Segment.Index + 1) * Segment.SegmentBytes) + SegmentLayout.HeaderBytes
        : Position + Frames.Length;
}

/// <summary>What a run of frames contains.</summary>
/// <param name="Count">The number of messages.</param>
/// <param name="FirstSequence">The sequence number of the first message, or of the next one if there is none.</param>
/// <param name="NextSequence">The sequence number after the last message.</param>
/// <param name="NewestTime">The append time of the newest message in nanoseconds since 1970 UTC; 0 if there is none.</param>
/// <param name="IsSealed">Whether the run ends with an end-of-segment frame.</param>
internal readonly record struct FrameRun(int Count, long FirstSequence, long NextSequence, long NewestTime, bool IsSealed);
