using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Brings a queue into order that is opened for writing for the first time since the machine was started, or alone after a failed flush:
/// checks what was not known to be on the device, cuts the log before the first message that is not whole, and notes what was done.
/// </summary>
/// <remarks>
/// Whoever opens a queue for writing waits until that is done, and only then appends; so nobody else writes meanwhile. Ended anywhere in
/// it, it is done again from the start, since the note comes last.
/// </remarks>
internal sealed class RecoveryRunner
{
    // Long enough to check a queue of a terabyte on a slow device.
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

    /// <summary>Recovers a queue if that is due.</summary>
    /// <exception cref="EstreamException">The storage refuses, or the queue is damaged before what could have been lost.</exception>
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
            // Written by a release that did not note it: from here on it is known.
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

    // Where nothing may be written nothing is recovered either: the queue is as good as one opened read-only.
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
            $"Another process has been recovering queue '{files.Directory}' for a day. Find out which holds '{path}', end it, and try "
            + "again.", path);
    }

    // Others may be appending, for whom the page cache is good enough: then durable appends stay refused until the last of them is gone.
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
            // The device is still ill, and durable appends are still refused. Everything else works.
        }
    }

    private static void Run(QueueFiles files, QueueOptions options, DurabilityRecord record, QueueRecoveryCause cause)
    {
        // An object of its own, so that no mapping of before is used afterwards.
        using EstreamQueue queue = EstreamQueue.ForRecovery(files, options);
        var recovery = new RecoveryRunner(queue, options, cause);
        QueueRecovery report = recovery.Recover(record.Durable);
        record.WriteReport(report);
        record.SetDurable(files.ListSegments().Count == 0 ? 0 : report.EndPosition);
        record.SetFailedAt(0);

        // Behind everything else, which is on the device by now: until this is, recovery is due again.
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

    // What was being prepared may not be what it was meant to be, and what the writers of before were doing does not matter any more.
    private void RemoveUnfinished()
    {
        foreach (string path in (ReadOnlySpan<string>)[_files.SparePath, _files.ReadyPath, _files.RotatePath, _files.WritersPath])
        {
            _files.Storage.Delete(path);
        }
    }

    // Such that whoever finds it half done does the same again: without its first segments, a log that is lost as a whole would look like
    // one whose first segments retention has given up.
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

        // On the device before the end is, here or in EndLast: behind a later power cut nobody looks at a segment that has an end, and an
        // index that still named what was cut off would lead there.
        SegmentIndex.Complete(segment, end.Offset);
        segment.Region.Flush(segment.Memory.Length, segment.IndexArea.Length);
        if (end.IsSealed && !found.End.IsSealed)
        {
            SegmentSeal.Write(segment, end.Offset, end.Number);
        }

        // Also what looks as it should: a recovery that was killed may have made it so a moment ago.
        segment.Region.Flush(0, segment.Memory.Length);
    }

    // The log goes on in the last segment only if nothing is behind its end, which a later crash could bring to light again. What the
    // header of a shared one says of its end may be older than its messages, or newer.
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

    // Readers go on where the log does. A cursor that is damaged says so to its reader.
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

    // Where a reader goes on whose place is not in the log any more: behind what was lost, or at the end.
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
