using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Decides whether the time of day may delete messages. Compares it with the time that has passed since the machine was started, which
/// no user can set. Remembers the last time of day that was right in queue.meta, for all processes. Thread-safe.
/// </summary>
internal sealed class RetentionClock(EstreamQueue queue, IStorage storage) : IDisposable
{
    private const long HourNanos = 3_600_000_000_000;

    /// <summary>How far the time of day may run ahead. Time services correct by less; a suspended machine counts its sleep.</summary>
    private const long MaxAheadNanos = HourNanos;

    /// <summary>How long after the last known time a machine may be started without a wait.</summary>
    private const long MaxAbsenceNanos = 24 * HourNanos;

    /// <summary>How long to wait after such a start, so that a time service can correct the clock.</summary>
    private const long SettlingNanos = HourNanos;

    private const long RenewalNanos = 24 * HourNanos;

    // Stands for the boot on a system that reports none: the mark is then good for one process.
    private static readonly Guid s_process = Guid.NewGuid();

    private readonly Lock _lock = new();
    private MemoryRegion? _region;
    private RetentionPause? _pause;

    /// <summary>Why nothing is deleted by age, as of the last check; null if nothing prevents it.</summary>
    public RetentionPause? Pause => Volatile.Read(ref _pause);

    /// <summary>Checks the time of day. Returns why nothing may be deleted by age; null if the time is right.</summary>
    /// <exception cref="EstreamStorageException">queue.meta cannot be written.</exception>
    public RetentionPause? Check()
    {
        lock (_lock)
        {
            RegionSpan memory = Memory();
            ClockMark? mark = ClockMark.Read(memory);
            ClockMark now = Now();
            RetentionPause? pause = mark is { } known && known.IsComparable(now) ? Compare(known, now, memory) : Begin(mark, now, memory);
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

    public void Dispose() => _region?.Dispose();

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

        // Many small corrections in the same direction are not a jump.
        if (passed > RenewalNanos)
        {
            now.Write(memory);
        }

        return null;
    }

    // Nothing measured the time between the mark and the start of the machine.
    private RetentionPause? Begin(ClockMark? mark, in ClockMark now, RegionSpan memory)
    {
        long last = Math.Max(mark?.UtcNanos ?? 0, NewestTime());
        long absence = now.UtcNanos - last;
        bool isLong = last > 0 && absence > MaxAbsenceNanos;
        (now with { SettledAt = isLong ? now.ElapsedNanos + SettlingNanos : 0 }).Write(memory);
        return isLong ? new RetentionPause(Span(absence), Span(SettlingNanos)) : null;
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
        queue.Clock.UtcNanos, queue.Clock.ElapsedNanos, storage.BootId == Guid.Empty ? s_process : storage.BootId, SettledAt: 0);

    private RegionSpan Memory() => (_region ??= storage.OpenRegion(queue.Files.MetadataPath, RegionAccess.ReadWrite)).All;

    private static TimeSpan Span(long nanos) => TimeSpan.FromTicks(nanos / TimeSpan.NanosecondsPerTick);
}

/// <summary>A time of day that was right, in queue.meta.</summary>
/// <param name="UtcNanos">The time of day.</param>
/// <param name="ElapsedNanos">The time since the machine was started.</param>
/// <param name="BootId">The boot of the machine.</param>
/// <param name="SettledAt">The time since the start from which the time of day is believed; 0 for at once.</param>
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
