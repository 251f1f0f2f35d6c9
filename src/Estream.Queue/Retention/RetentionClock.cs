using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Decides whether the time of day may delete messages. Compares it with the time that has passed since the machine was started, which
/// no user can set. Remembers the last time of day that was right in queue.meta, for all processes. From the first check on, a timer checks
/// again every 30 seconds, so that the remembered time is recent when the machine stops. Thread-safe.
/// </summary>
internal sealed class RetentionClock(EstreamQueue queue, QueueOptions options) : IDisposable
{
    private const long HourNanos = 3_600_000_000_000;

    /// <summary>How far the time of day may run ahead, or be before the last known time after a start. Time services correct by less; a
    /// suspended machine counts its sleep.</summary>
    private const long MaxAheadNanos = HourNanos;

    /// <summary>How long after the last known time a machine may be started without a confirmation.</summary>
    private const long MaxAbsenceNanos = 24 * HourNanos;

    /// <summary>How long a time service may take to correct the clock after a start. The wait if no time is known.</summary>
    private const long SettlingNanos = HourNanos;

    private const long RenewalNanos = HourNanos;

    // Stands for the boot on a system that reports none: the mark is then good for one process.
    private static readonly Guid s_process = Guid.NewGuid();

    private readonly Lock _lock = new();
    private MemoryRegion? _region;
    private RetentionPause? _pause;
    private Timer? _timer;
    private bool _disposed;

    /// <summary>The period of the timer.</summary>
    public int PeriodMs { get; set; } = 30_000;

    /// <summary>Why nothing is deleted by age, as of the last check; null if nothing prevents it.</summary>
    public RetentionPause? Pause => Volatile.Read(ref _pause);

    /// <summary>Checks the time of day. Returns why nothing may be deleted by age; null if the time is right.</summary>
    /// <exception cref="EstreamStorageException">queue.meta cannot be written.</exception>
    public RetentionPause? Check()
    {
        lock (_lock)
        {
            RegionSpan memory = Memory();
            StartTimer();
            ClockMark now = Now();
            RetentionPause? pause = ClockMark.Read(memory) switch
            {
                { } mark when mark.IsComparable(now) => Compare(mark, now, memory),
                { SettledAt: 0 } mark => Continue(mark, now, memory),
                { } => Begin(now, memory, isDoubtful: true),
                null => Begin(now, memory, isDoubtful: false),
            };
            Volatile.Write(ref _pause, pause);
            return pause;
        }
    }

    /// <summary>Takes the time of day for right from now on, and flushes that.</summary>
    /// <exception cref="EstreamStorageException">queue.meta cannot be written.</exception>
    public void Confirm()
    {
        lock (_lock)
        {
            Now().Write(Memory());
            _region!.Flush(0, _region.Length);
            Volatile.Write(ref _pause, null);
        }
    }

    /// <summary>Checks the time of day, and stores that the names of the open tailers are in use. Called by the timer.</summary>
    public void Renew()
    {
        try
        {
            Check();
            queue.TouchTailers();
        }
        catch (Exception error) when (error is EstreamException or ObjectDisposedException)
        {
            // The storage error is temporary, or the next retention run reports it. The next call tries again.
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer?.Dispose();
            _region?.Dispose();
        }
    }

    // A simulation has no timer: it calls Renew.
    private void StartTimer()
    {
        if (options.Background == TaskScheduler.Default)
        {
            _timer ??= new Timer(static clock => ((RetentionClock)clock!).Renew(), this, PeriodMs, PeriodMs);
        }
    }

    private static RetentionPause? Compare(in ClockMark mark, in ClockMark now, RegionSpan memory)
    {
        long passed = now.ElapsedNanos - mark.ElapsedNanos;
        long ahead = now.UtcNanos - mark.UtcNanos - passed;
        if (ahead > MaxAheadNanos)
        {
            return new RetentionPause(Span(ahead), null);
        }

        if (now.ElapsedNanos < mark.SettledAt)
        {
            return new RetentionPause(Span(Math.Max(0, ahead)), Span(mark.SettledAt - now.ElapsedNanos));
        }

        // Many small corrections in the same direction are not a jump. A recent mark also shows how long the machine is off.
        if (passed >= RenewalNanos || mark.SettledAt != 0)
        {
            now.Write(memory);
        }

        return null;
    }

    // Nothing measured the time between the mark and the start of the machine. A doubtful time is not stored: the clock may be set right
    // later, and the next start of the machine must not take it for right. For the same reason no time is stored in the first hour.
    private static RetentionPause? Continue(in ClockMark mark, in ClockMark now, RegionSpan memory)
    {
        long absence = now.UtcNanos - mark.UtcNanos;
        if (absence is < -MaxAheadNanos or > MaxAbsenceNanos)
        {
            return new RetentionPause(Span(absence), null);
        }

        if (now.ElapsedNanos >= SettlingNanos)
        {
            now.Write(memory);
        }

        return null;
    }

    // The queue is new, of an earlier release, or its mark is damaged or of a boot that did not settle. The newest segment may be old,
    // because the queue grows slowly. After a boot that did not settle, the segment proves nothing, because it may have begun under the
    // same wrong clock. The flush keeps a power cut from removing the first mark, which the kernel writes back half a minute later.
    private RetentionPause? Begin(in ClockMark now, RegionSpan memory, bool isDoubtful)
    {
        long last = NewestTime();
        long absence = now.UtcNanos - last;
        if (last > 0 && absence < -MaxAheadNanos)
        {
            return new RetentionPause(Span(absence), null);
        }

        bool waits = last > 0 && (isDoubtful || absence > MaxAbsenceNanos);
        (now with { SettledAt = waits ? now.ElapsedNanos + SettlingNanos : 0 }).Write(memory);
        _region!.Flush(0, _region.Length);
        return waits ? new RetentionPause(Span(absence), Span(SettlingNanos)) : null;
    }

    private long NewestTime()
    {
        IReadOnlyList<long> segments = queue.Files.ListSegments();
        if (segments.Count == 0 || queue.Segments.Acquire(segments[^1]) is not { } newest)
        {
            return 0;
        }

        long time = newest.BaseTime;
        queue.Segments.Release(newest);
        return time;
    }

    private ClockMark Now() => new(
        queue.Clock.UtcNanos, queue.Clock.ElapsedNanos, options.Storage.BootId == Guid.Empty ? s_process : options.Storage.BootId,
        SettledAt: 0);

    private RegionSpan Memory()
    {
        ObjectDisposedException.ThrowIf(_disposed, queue);
        return (_region ??= options.Storage.OpenRegion(queue.Files.MetadataPath, RegionAccess.ReadWrite)).All;
    }

    private static TimeSpan Span(long nanos) => TimeSpan.FromTicks(nanos / TimeSpan.NanosecondsPerTick);
}

/// <summary>A time of day that was right, in queue.meta.</summary>
/// <param name="UtcNanos">The time of day.</param>
/// <param name="ElapsedNanos">The time since the machine was started.</param>
/// <param name="BootId">The boot of the machine.</param>
/// <param name="SettledAt">The time since the start from which the time of day is believed; 0 for at once. Another boot ignores a mark that
/// has this time.</param>
internal readonly record struct ClockMark(long UtcNanos, long ElapsedNanos, Guid BootId, long SettledAt)
{
    private const int Offset = MetadataLayout.ClockMarkOffset;
    private const int BootOffset = Offset + 24;
    private const int CheckedBytes = 40;

    /// <summary>Whether the machine has run since this mark, so that the time between the two was measured.</summary>
    public bool IsComparable(in ClockMark later) => BootId == later.BootId && later.ElapsedNanos >= ElapsedNanos;

    /// <summary>Returns the mark; null if there is none, or if two processes wrote it at the same time.</summary>
    public static ClockMark? Read(RegionSpan memory)
    {
        if (memory.ReadInt64(Offset) == 0 || (uint)memory.ReadInt32(Offset + CheckedBytes) != Check(memory))
        {
            return null;
        }

        return new ClockMark(memory.ReadInt64(Offset), memory.ReadInt64(Offset + 8), new Guid(memory.ReadOnlySpan(BootOffset, 16)),
            memory.ReadInt64(Offset + 16));
    }

    public void Write(RegionSpan memory)
    {
        memory.WriteInt64(Offset, UtcNanos);
        memory.WriteInt64(Offset + 8, ElapsedNanos);
        memory.WriteInt64(Offset + 16, SettledAt);
        BootId.TryWriteBytes(memory.Span(BootOffset, 16));
        memory.WriteInt32(Offset + CheckedBytes, (int)Check(memory));
    }

    private static uint Check(RegionSpan memory) => Crc32C.Compute(memory.ReadOnlySpan(Offset, CheckedBytes));
}
