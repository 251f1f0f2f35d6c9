using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// The durability record in queue.meta: the boot of the machine it belongs to, the durable position, and whether a flush has failed. Shared
/// by all processes that have the queue open.
/// </summary>
/// <remarks>
/// The durable position is stored after the flush succeeded, so the record never claims more than is durable, whenever the kernel writes
/// its page.
/// </remarks>
internal sealed class DurabilityRecord : IDisposable
{
    private readonly MemoryRegion _region;

    private DurabilityRecord(MemoryRegion region)
    {
        _region = region;
    }

    /// <summary>The durable position; 0 if none is known.</summary>
    public long Durable => _region.All.ReadInt64Acquire(DurabilityLayout.DurableOffset);

    /// <summary>The time of a failed flush, in nanoseconds since 1970-01-01 UTC; 0 if none has failed since the last repair.</summary>
    public long FailedAt => _region.All.ReadInt64Acquire(DurabilityLayout.FailedAtOffset);

    /// <summary>The boot for which the record holds; all zero if a release without this record wrote the queue.</summary>
    public Guid BootId => new(_region.All.ReadOnlySpan(DurabilityLayout.BootOffset, DurabilityLayout.BootBytes));

    public static DurabilityRecord Open(QueueFiles files, RegionAccess access) => new(files.Storage.OpenRegion(files.MetadataPath, access));

    /// <summary>Opens the record for a queue object. A writer on a read-only file system continues as a reader.</summary>
    public static DurabilityRecord OpenFor(QueueFiles files, bool isReadOnly)
    {
        try
        {
            return Open(files, isReadOnly ? RegionAccess.ReadOnly : RegionAccess.ReadWrite);
        }
        catch (EstreamStorageException refused) when (refused.Reason == StorageFailure.AccessDenied && !isReadOnly)
        {
            return Open(files, RegionAccess.ReadOnly);
        }
    }

    /// <summary>Stores the current boot in a file under creation.</summary>
    public static void WriteBoot(RegionSpan memory, Guid bootId) =>
        bootId.TryWriteBytes(memory.Span(DurabilityLayout.BootOffset, DurabilityLayout.BootBytes));

    public void WriteBoot(Guid bootId) => WriteBoot(_region.All, bootId);

    /// <summary>Raises the durable position. Several processes flush different ranges: the highest position counts.</summary>
    public void RaiseDurable(long position)
    {
        RegionSpan memory = _region.All;
        long seen = Durable;
        while (seen < position)
        {
            long found = memory.CompareExchangeInt64(DurabilityLayout.DurableOffset, position, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }

    public void SetDurable(long position) => _region.All.WriteInt64Release(DurabilityLayout.DurableOffset, position);

    public void SetFailedAt(long utcNanos) => _region.All.WriteInt64Release(DurabilityLayout.FailedAtOffset, utcNanos);

    /// <summary>The result of the last recovery; <see langword="null"/> if there was none.</summary>
    public QueueRecovery? ReadReport()
    {
        RegionSpan memory = _region.All;
        if (memory.ReadInt64(DurabilityLayout.RecoveredAtOffset) == 0
            || (uint)memory.ReadInt32(DurabilityLayout.ReportCheckOffset) != ReportCheck(memory))
        {
            return null;
        }

        return new QueueRecovery(
            (QueueRecoveryCause)memory.ReadInt32(DurabilityLayout.CauseOffset),
            memory.ReadInt64(DurabilityLayout.RecoveredAtOffset),
            memory.ReadInt64(DurabilityLayout.VerifiedFromOffset),
            memory.ReadInt64(DurabilityLayout.EndOffset),
            memory.ReadInt64(DurabilityLayout.CutToOffset),
            memory.ReadInt64(DurabilityLayout.CutMessagesOffset),
            memory.ReadInt32(DurabilityLayout.CutSegmentsOffset));
    }

    public void WriteReport(QueueRecovery report)
    {
        RegionSpan memory = _region.All;
        memory.WriteInt64(DurabilityLayout.RecoveredAtOffset, report.RecoveredAt);
        memory.WriteInt64(DurabilityLayout.VerifiedFromOffset, report.VerifiedFrom);
        memory.WriteInt64(DurabilityLayout.EndOffset, report.EndPosition);
        memory.WriteInt64(DurabilityLayout.CutToOffset, report.CutTo);
        memory.WriteInt64(DurabilityLayout.CutMessagesOffset, report.CutMessages);
        memory.WriteInt32(DurabilityLayout.CutSegmentsOffset, report.CutSegments);
        memory.WriteInt32(DurabilityLayout.CauseOffset, (int)report.Cause);
        memory.WriteInt32(DurabilityLayout.ReportCheckOffset, (int)ReportCheck(memory));
    }

    private static uint ReportCheck(RegionSpan memory) =>
        Crc32C.Compute(memory.ReadOnlySpan(DurabilityLayout.ReportOffset, DurabilityLayout.ReportBytes));

    public void Flush() => _region.Flush(0, _region.Length);

    public void Dispose() => _region.Dispose();
}

/// <summary>The durability fields of queue.meta; see docs/formats/queue.md.</summary>
internal static class DurabilityLayout
{
    public const int BootOffset = 256;
    public const int BootBytes = 16;
    public const int DurableOffset = 272;
    public const int FailedAtOffset = 280;

    public const int ReportOffset = 288;
    public const int RecoveredAtOffset = 288;
    public const int VerifiedFromOffset = 296;
    public const int EndOffset = 304;
    public const int CutToOffset = 312;
    public const int CutMessagesOffset = 320;
    public const int CutSegmentsOffset = 328;
    public const int CauseOffset = 332;
    public const int ReportBytes = 48;
    public const int ReportCheckOffset = 336;

    public const string RecoveryLockFile = "recovery.lock";
    public const string LostSuffix = ".lost";
}
