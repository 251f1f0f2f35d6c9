using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Lists the readers and writers of a queue and the segments they retain. Writes nothing.</summary>
internal static class UsageInspector
{
    /// <summary>The named tailers, and how far each is behind the end.</summary>
    public static IReadOnlyList<TailerInfo> Tailers(EstreamQueue queue, long endPosition, long nextSequence) =>
    [
        .. TailerCursor.ReadAll(queue.Files, queue.Clock.UtcNanos, withUsers: true).Select(cursor =>
        {
            long? sequence = cursor.Position >= endPosition ? nextSequence : SequenceAt(queue, cursor.Position);
            return new TailerInfo(cursor.Name, cursor.Position)
            {
                Sequence = sequence,
                LagMessages = sequence is { } number ? Math.Max(0, nextSequence - number) : null,
                LagBytes = Math.Max(0, queue.Files.BytesBetween(cursor.Position, endPosition)),
                ProcessId = cursor.ProcessId,
                RetainsUntil = cursor.RetainsUntil == CursorState.ForEver ? null : cursor.RetainsUntil,
                IsRetaining = cursor.IsRetaining,
            };
        }),
    ];

    public static IReadOnlyList<AppenderInfo> Appenders(EstreamQueue queue)
    {
        if (WriterLease.ReadOwner(queue.Files) is var owner and not 0)
        {
            return WriterLease.IsHeldAlone(queue.Files) ? [new AppenderInfo(owner, AppenderMode.Exclusive)] : [];
        }

        return SharedAppenders(queue.Files);
    }

    public static IReadOnlyList<AppenderInfo> SharedAppenders(QueueFiles files)
    {
        if (!files.Storage.FileExists(files.WritersPath))
        {
            return [];
        }

        using WriterTable table = WriterTable.OpenReadOnly(files);
        return [.. Enumerable.Range(0, WriterSlots.SlotCount).Where(slot => IsHeld(table, slot))
            .Select(slot => new AppenderInfo(table.Owner(slot), AppenderMode.Shared))];
    }

    public static RetentionInfo Retention(EstreamQueue queue, IReadOnlyList<TailerInfo> tailers)
    {
        using MemoryRegion metadata = queue.Files.Storage.OpenRegion(queue.Files.MetadataPath, RegionAccess.ReadOnly);
        RetentionLimits limits = RetentionLimits.Read(metadata.All);
        IReadOnlyList<long> beyond = limits.IsKnown ? new Retention(queue, limits).BeyondLimits() : [];
        long oldestEnd = beyond.Count == 0 ? 0 : (beyond[0] + 1) * queue.SegmentBytes;
        return new RetentionInfo(
            limits.Bytes, TimeSpan.FromTicks(limits.AgeNanos / TimeSpan.NanosecondsPerTick), beyond.Count,
            [.. tailers.Where(t => t.IsRetaining && t.Position < oldestEnd).OrderBy(t => t.Position).Select(t => t.Name)])
        {
            IsStoodIn = beyond.Count > 0 && queue.Segments.IsInUse(beyond[0]),
        };
    }

    /// <summary>The durability that the last appender was opened with; page cache if the file contains an unknown level.</summary>
    public static Durability IngressDurability(EstreamQueue queue)
    {
        using MemoryRegion metadata = queue.Files.Storage.OpenRegion(queue.Files.MetadataPath, RegionAccess.ReadOnly);
        return (DurabilityLevel)metadata.All.ReadInt32(MetadataLayout.IngressDurabilityOffset) switch
        {
            DurabilityLevel.GroupCommit => Durability.GroupCommit(),
            DurabilityLevel.Every => Durability.Every,
            DurabilityLevel.Quorum => Durability.Quorum,
            DurabilityLevel.QuorumAndFlush => Durability.QuorumAndFlush,
            _ => Durability.PageCache,
        };
    }

    private static bool IsHeld(WriterTable table, int slot)
    {
        if (table.Owner(slot) == 0)
        {
            return false;
        }

        using IDisposable? free = table.TryLock(slot, LockMode.Shared);
        return free is null;
    }

    // Returns null for a position that is damaged or that retention deleted: the reader that continues there gets the error.
    private static long? SequenceAt(EstreamQueue queue, long position)
    {
        try
        {
            if (position < 0 || queue.Segments.Acquire(position / queue.SegmentBytes) is not { } segment)
            {
                return null;
            }

            try
            {
                return segment.FirstSequence + SequenceNumber.At(segment, position % queue.SegmentBytes);
            }
            finally
            {
                queue.Segments.Release(segment);
            }
        }
        catch (EstreamException)
        {
            return null;
        }
    }
}
