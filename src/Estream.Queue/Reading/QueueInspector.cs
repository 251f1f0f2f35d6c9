using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Inspects a whole queue without changing it.</summary>
internal static class QueueInspector
{
    public static QueueInfo GetInfo(EstreamQueue queue)
    {
        using var hold = new SegmentPin(queue);
        IReadOnlyList<long> indexes = hold.OnOldest();
        (long firstSequence, long nextSequence, long end) = (0, 0, SegmentLayout.HeaderBytes);
        if (indexes.Count > 0)
        {
            ReadLimit? limit = queue.Limit;
            long last = Math.Max(indexes[0], limit?.Index ?? indexes[^1]);
            firstSequence = hold.Segment.FirstSequence;
            hold.MoveTo(last);
            LogEnd logEnd = limit?.End ?? TailScanner.FindEnd(hold.Segment);
            nextSequence = hold.Segment.FirstSequence + logEnd.Number;
            end = (last * queue.SegmentBytes) + logEnd.Offset;
        }

        long first = ((indexes.Count == 0 ? 0 : indexes[0]) * queue.SegmentBytes) + SegmentLayout.HeaderBytes;
        IReadOnlyList<TailerInfo> tailers = UsageInspector.Tailers(queue, end, nextSequence);
        return new QueueInfo(
            queue.Directory, queue.SegmentBytes, indexes.Count, firstSequence, nextSequence, first, end, WriterLease.ReadOwner(queue.Files),
            tailers)
        {
            LogBytes = queue.Files.BytesBetween(first, end),
            Appenders = UsageInspector.Appenders(queue),
            Retention = UsageInspector.Retention(queue, tailers),
            IngressDurability = UsageInspector.IngressDurability(queue),
            Encryption = QueueKeys.Describe(queue.Files),
        };
    }

    public static QueueVerification Verify(EstreamQueue queue)
    {
        using var blocks = new BlockInspector(queue);
        var state = new VerifyState { Blocks = blocks, IsAppendedTo = new Lazy<bool>(() => MayBeAppendedTo(queue)) };
        using var hold = new SegmentPin(queue);
        try
        {
            IReadOnlyList<long> indexes = hold.OnOldest();
            foreach (long index in indexes)
            {
                hold.MoveTo(index);
                queue.Keys?.RequireKind(hold.Segment);
                hold.Segment.EnsureLoaded(0, hold.Segment.Region.Length);
                VerifySegment(hold.Segment, index == indexes[^1], state);
            }
        }
        catch (EstreamException damage) when (damage is EstreamCorruptionException or EstreamFormatException)
        {
            state.Damage =
                new QueueDamage(damage.Path ?? queue.Directory, (damage as EstreamCorruptionException)?.Offset ?? -1, damage.Message);
        }

        return new QueueVerification(state.Segments, state.Messages, state.PayloadBytes, state.Damage);
    }

    private static void VerifySegment(Segment segment, bool isLast, VerifyState state)
    {
        if (state.NextIndex is { } expected
            && (expected != segment.Index || (state.NextSequence ?? segment.FirstSequence) != segment.FirstSequence))
        {
            throw new EstreamCorruptionException(
                $"'{segment.Path}' starts at segment {segment.Index}, message {segment.FirstSequence}; expected segment {expected}, "
                + $"message {state.NextSequence}. "
                + "A segment before it is missing or incomplete; restore it.", segment.Path, SegmentLayout.FirstSequenceOffset);
        }

        state.Segments++;
        RegionSpan memory = segment.Memory;
        long offset = SegmentLayout.HeaderBytes;
        uint number = 0;
        int word;
        while ((word = memory.ReadInt32Acquire(offset)) == 0
            ? TryPassHole(segment, ref offset, state) : !FrameCheck.IsEndOfSegment(memory, offset, word))
        {
            if (word == 0)
            {
                continue;
            }

            if (word < 0 && segment.IsShared)
            {
                long claim = memory.ReadInt64Acquire(offset);
                if ((int)claim != word)
                {
                    continue;
                }

                FrameCheck.RequireClaim(segment, offset, claim);
            }
            else if (ConsumerOffsetFrame.Is(segment, offset, word))
            {
                Require(FrameCheck.ChecksumMatches(segment, offset, word), segment, offset);
            }
            else if (FrameCheck.IsPad(segment, offset, word))
            {
                Require(PadFrame.ChecksumMatches(segment, offset, word), segment, offset);
            }
            else
            {
                FrameCheck.RequireMessage(segment, offset, word);
                number = RequireWhole(segment, offset, word, number);
                state.Add(segment, offset, word);
            }

            offset += FrameLayout.StrideOfAny(word);
        }

        if (word != 0)
        {
            number = RequireEnd(segment, offset, word, number);
        }

        if (word == 0 && !isLast && !segment.IsShared)
        {
            throw new EstreamCorruptionException(
                $"'{segment.Path}' ends at offset {offset} without an end-of-segment frame, but segments follow. Messages after it are "
                + "lost; restore it from a copy.",
                segment.Path, offset);
        }

        state.NextIndex = segment.Index + 1;

        // Without a claim word in a segment that the writers have left, the number of messages after the claim is unknown.
        state.NextSequence = word == 0 && !isLast ? null : segment.FirstSequence + number;
    }

    // Reports a damaged writer table, because an empty claim cannot be interpreted without the table.
    private static bool MayBeAppendedTo(EstreamQueue queue)
    {
        try
        {
            return UsageInspector.Appenders(queue).Count > 0;
        }
        catch (EstreamStorageException)
        {
            return true;
        }
    }

    // A writer that claims space in a shared segment stores the claim word some nanoseconds later. If the word is empty and no appender
    // lives, either the writer died before it stored the word, or damage cleared the word. The frames after it tell which.
    private static bool TryPassHole(Segment segment, ref long offset, VerifyState state)
    {
        RegionSpan memory = segment.Memory;
        if (!segment.IsShared || state.IsAppendedTo.Value)
        {
            return false;
        }

        long end = Math.Min(TailWord.Offset(memory.ReadInt64Acquire(SegmentLayout.TailOffset)), segment.Limit + FrameLayout.Alignment);
        long next = DeadWriterReclaimer.NextWritten(memory, offset, end);
        if (next >= end)
        {
            return false;
        }

        if (next == offset && memory.ReadInt32Acquire(offset) == 0)
        {
            throw new EstreamCorruptionException(
                $"'{segment.Path}' is damaged at offset {offset}: the first word of the frame there is missing. Restore the segment from "
                + "a copy.", segment.Path, offset);
        }

        offset = next;
        return true;
    }

    private static uint RequireWhole(Segment segment, long offset, int word, uint number)
    {
        RequireNumber(segment, offset, FrameCheck.NumberOf(segment, offset), number);
        Require(FrameCheck.ChecksumMatches(segment, offset, word), segment, offset);
        return FrameCheck.NumberBehind(segment, offset);
    }

    private static uint RequireEnd(Segment segment, long offset, int word, uint number)
    {
        Require(FrameCheck.ChecksumMatches(segment, offset, word), segment, offset);
        if (segment.Version == 1)
        {
            return number;
        }

        uint stored = (uint)segment.Memory.ReadInt32(offset + FrameLayout.TimeOffset);
        RequireNumber(segment, offset, stored, number);
        return stored;
    }

    // With several writers numbers increase, but the numbers of aborted claims and dead writers are missing.
    private static void RequireNumber(Segment segment, long offset, uint stored, uint number)
    {
        if (segment.IsShared ? stored < number : stored != number)
        {
            throw new EstreamCorruptionException(
                $"The frame at offset {offset} of '{segment.Path}' has number {stored}; expected {number}"
                + $"{(segment.IsShared ? " or higher" : "")}. Restore the segment from a copy.",
                segment.Path, offset);
        }
    }

    private static void Require(bool matches, Segment segment, long offset)
    {
        if (!matches)
        {
            throw new EstreamCorruptionException(
                $"The frame at offset {offset} of '{segment.Path}' does not match its checksum. Restore the segment from a copy.",
                segment.Path, offset);
        }
    }

    private sealed class VerifyState
    {
        public required BlockInspector Blocks { get; init; }

        public required Lazy<bool> IsAppendedTo { get; init; }

        public int Segments { get; set; }

        public long Messages { get; set; }

        public long PayloadBytes { get; set; }

        public long? NextIndex { get; set; }

        public long? NextSequence { get; set; }

        public QueueDamage? Damage { get; set; }

        /// <summary>Counts the message of a frame, or the messages of an encrypted block.</summary>
        public void Add(Segment segment, long offset, int word)
        {
            (long messages, long payloadBytes) = segment.IsEncrypted
                ? Blocks.Inspect(segment, offset, word)
                : (1, word - FrameLayout.HeaderBytes);
            Messages += messages;
            PayloadBytes += payloadBytes;
        }
    }
}
