using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Recovers a queue that is opened for writing for the first time since the machine was started, or exclusively after a failed flush.
/// Checks the messages that were not known to be durable, truncates the log before the first damaged one, and records the result.
/// </summary>
/// <remarks>
/// Every process that opens the queue for writing waits for recovery to complete, so no other writer exists meanwhile. The record is
/// written last: an interrupted recovery starts over.
/// </remarks>
internal sealed class RecoveryRunner
{
    // Long enough to check a queue of one terabyte on a slow disk.
    private const int LockAttempts = 100_000_000;

    private readonly EstreamQueue _queue;
    private readonly QueueFiles _files;
    private readonly IClock _clock;
    private readonly QueueRecoveryCause _cause;
    private readonly List<(long From, long To)> _given = [];

    private RecoveryRunner(EstreamQueue queue, QueueOptions options, QueueRecoveryCause cause)
    {
        _queue = queue;
        _files = queue.Files;
        _clock = options.Clock;
        _cause = cause;
    }

    /// <summary>Recovers a queue if necessary.</summary>
    /// <exception cref="EstreamException">A storage error, or the queue is damaged before the durable position.</exception>
    public static void RunIfDue(QueueFiles files, QueueOptions options)
    {
        Guid boot = files.Storage.BootId;
        if (boot == Guid.Empty || !IsDue(files, boot))
        {
            return;
        }

        using IDisposable? recovering = TakeLockIfAllowed(files);
        if (recovering is null)
        {
            return;
        }

        using DurabilityRecord record = DurabilityRecord.Open(files, RegionAccess.ReadWrite);
        if (record.BootId == Guid.Empty)
        {
            // A release without the durability record wrote the queue. The boot is recorded from now on.
            record.WriteBoot(boot);
        }
        else if (record.BootId != boot)
        {
            Run(files, options, record, QueueRecoveryCause.MachineRestart);
        }
        else if (record.FailedAt != 0)
        {
            RepairIfAlone(files, options, record);
        }
    }

    private static bool IsDue(QueueFiles files, Guid boot)
    {
        using DurabilityRecord record = DurabilityRecord.Open(files, RegionAccess.ReadOnly);
        return record.BootId != boot || record.FailedAt != 0;
    }

    // Without write access there is no recovery: the queue behaves like one opened read-only.
    private static IDisposable? TakeLockIfAllowed(QueueFiles files)
    {
        try
        {
            return TakeLock(files);
        }
        catch (EstreamStorageException refused) when (refused.Reason == StorageFailure.AccessDenied)
        {
            return null;
        }
    }

    private static IDisposable TakeLock(QueueFiles files)
    {
        string path = Path.Combine(files.Directory, DurabilityLayout.RecoveryLockFile);
        IdleStrategy idle = IdleStrategy.Backoff();
        for (int attempt = 0; attempt < LockAttempts; attempt++)
        {
            if (files.Storage.TryLock(path, LockMode.Exclusive) is { } held)
            {
                return held;
            }

            idle.Idle(0);
        }

        throw new EstreamLeaseException(
            $"Another process has been recovering queue '{files.Directory}' for a day. Find out which process holds '{path}', end it, "
            + "and try again.", path);
    }

    // Other processes may be appending without durability: durable appends stay refused until the last of them is gone.
    private static void RepairIfAlone(QueueFiles files, QueueOptions options, DurabilityRecord record)
    {
        using IDisposable? lease = files.Storage.TryLock(files.LockPath, LockMode.Exclusive);
        if (lease is null)
        {
            return;
        }

        try
        {
            Run(files, options, record, QueueRecoveryCause.FailedFlush);
        }
        catch (EstreamStorageException refused) when (refused.Reason is StorageFailure.Device or StorageFailure.DiskFull)
        {
            // The disk still fails, and durable appends are still refused. Everything else works.
        }
    }

    private static void Run(QueueFiles files, QueueOptions options, DurabilityRecord record, QueueRecoveryCause cause)
    {
        // A separate object, so that no earlier mapping is used afterwards.
        using EstreamQueue queue = EstreamQueue.ForRecovery(files, options);
        var recovery = new RecoveryRunner(queue, options, cause);
        QueueRecovery report = recovery.Recover(record.Durable);
        record.WriteReport(report);
        record.SetDurable(files.ListSegments().Count == 0 ? 0 : report.EndPosition);
        record.SetFailedAt(0);

        // The boot id is stored after everything else is durable. Until the boot id is durable too, recovery is due again.
        record.Flush();
        record.WriteBoot(files.Storage.BootId);
        record.Flush();
    }

    private QueueRecovery Recover(long durable)
    {
        RemoveUnfinished();
        using LogScanner audit = LogScanner.Of(_queue, durable, mayLackPages: _cause == QueueRecoveryCause.MachineRestart, MendSegment);
        (long cutTo, long cutMessages) = CountCut(audit);
        EndLast(audit);
        SetAside(audit);

        if (_cause == QueueRecoveryCause.FailedFlush && audit.Last is not null)
        {
            SegmentRewriter.Run(_queue, audit.VerifiedFrom / _queue.SegmentBytes, audit.Last.Index);
        }

        TurnBackCursors(audit.EndPosition);
        _files.Storage.SyncDirectory(_files.Directory);
        return new QueueRecovery(_cause, _clock.UtcNanos, audit.VerifiedFrom, audit.EndPosition, cutTo, cutMessages, audit.Lost.Count);
    }

    // A file in preparation may be incomplete, and the state of earlier writers no longer matters.
    private void RemoveUnfinished()
    {
        foreach (string path in (ReadOnlySpan<string>)[_files.SparePath, _files.ReadyPath, _files.RotatePath, _files.WritersPath])
        {
            _files.Storage.Delete(path);
        }
    }

    // Renames the segments in an order that an interrupted recovery can repeat. If the log is lost completely, its first segment is renamed
    // last: without that segment, the rest would look like a log whose first segments retention deleted.
    private void SetAside(LogScanner audit)
    {
        foreach (long index in audit.LeftOver.Concat(audit.Lost.Reverse()))
        {
            if (audit.Last is null && audit.Lost.Count > 1 && index == audit.Lost[0])
            {
                _files.Storage.SyncDirectory(_files.Directory);
            }

            _files.Storage.Rename(_files.SegmentPath(index), _files.SegmentPath(index) + DurabilityLayout.LostSuffix);
        }
    }

    private void MendSegment(Segment segment, SegmentScanner found, LogEnd end)
    {
        foreach ((long offset, long stride) in found.Dead)
        {
            segment.Memory.WriteInt64(offset, PadFrame.Word(segment, stride));
            long position = (segment.Index * _queue.SegmentBytes) + offset;
            _given.Add((position, position + stride));
        }

        // The index is durable before the end of the segment is, here or in EndLast. After a later power cut no recovery checks a segment
        // that has an end. An index that still named truncated frames would lead readers to them.
        SegmentIndex.Complete(segment, end.Offset);
        segment.Region.Flush(segment.Memory.Length, segment.IndexArea.Length);
        if (end.IsSealed && !found.End.IsSealed)
        {
            SegmentSeal.Write(segment, end.Offset, end.Number);
        }

        // The segment is flushed even if it looks correct: an interrupted recovery may have repaired it without a flush.
        segment.Region.Flush(0, segment.Memory.Length);
    }

    // The log continues in the last segment only if nothing follows its end, because a later crash could expose such remains again. Stores
    // the end in the header of a shared segment, because the stored end may be older or newer than the messages.
    private void EndLast(LogScanner audit)
    {
        if (audit.Last is not { } last)
        {
            return;
        }

        bool isSealed = audit.End.IsSealed;
        if (!isSealed && (!audit.IsRestZero || _cause != QueueRecoveryCause.MachineRestart))
        {
            SegmentSeal.Write(last, audit.End.Offset, audit.End.Number);
            isSealed = true;
        }

        if (last.IsShared)
        {
            long end = TailWord.Pack(audit.End.Number, audit.End.Offset);
            last.Memory.WriteInt64(SegmentLayout.SealOffset, isSealed ? end : 0);
            last.Memory.WriteInt64(SegmentLayout.TailOffset,
                isSealed ? TailWord.Pack(audit.End.Number, last.Limit + FrameLayout.Alignment) : end);
        }

        last.Region.Flush(0, last.Memory.Length);
    }

    private (long CutTo, long CutMessages) CountCut(LogScanner audit)
    {
        if (audit.Last is null)
        {
            return (audit.EndPosition, 0);
        }

        TruncationReport cut = audit.End.IsSealed || audit.IsRestZero
            ? new TruncationReport(audit.End.Offset, 0)
            : TruncationReport.After(audit.Last, audit.End);
        (long to, long messages) = ((audit.Last.Index * _queue.SegmentBytes) + cut.End, cut.Messages);
        foreach (long index in audit.Lost)
        {
            if (LogScanner.TryAcquire(_queue, index) is { } lost)
            {
                cut = TruncationReport.After(lost, new LogEnd(SegmentLayout.HeaderBytes, 0, 0, IsSealed: false));
                (to, messages) = (Math.Max(to, (index * _queue.SegmentBytes) + cut.End), messages + cut.Messages);
                _queue.Segments.Release(lost);
            }
        }

        return (to, messages);
    }

    // Moves cursors that point outside the log, so that readers continue where the log does. The reader of a damaged cursor gets the error.
    private void TurnBackCursors(long end)
    {
        foreach (string path in TailerCursor.Paths(_files))
        {
            try
            {
                TailerCursor.Turn(_files, path, end, position => Placed(position, end));
            }
            catch (EstreamException damage) when (damage is EstreamCorruptionException or EstreamFormatException)
            {
            }
        }
    }

    // The new position of a reader whose position is no longer in the log: after the lost messages, or at the end.
    private long Placed(long position, long end)
    {
        position = Math.Clamp(position, Math.Min(_queue.OldestPosition(), end), end);
        foreach ((long from, long to) in _given)
        {
            position = position > from && position < to ? to : position;
        }

        return position;
    }
}
