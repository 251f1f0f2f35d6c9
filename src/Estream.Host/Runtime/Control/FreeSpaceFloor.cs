using Estream.Core;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>
/// Monitors the free space of the data volume. Below a minimum, queues accept no messages from adapters, except queues that may use the
/// reserve; they accept messages again at 10 % above the minimum. Measures once a second after <see cref="Start"/>.
/// </summary>
internal sealed partial class FreeSpaceFloor(HostConfiguration plan, TimeProvider time, ILogger<FreeSpaceFloor> logger)
{
    private const long DefaultMostBytes = 1L << 30;
    private const int DefaultPart = 20;

    private volatile EstreamStorageException? _reason;
    private long _freeBytes = -1;

    /// <summary>Measures the free and total bytes of the volume of a folder.</summary>
    public Func<string, (long Free, long Total)> Measure { get; set; } = static folder =>
    {
        DriveInfo volume = new(folder);
        return (volume.AvailableFreeSpace, volume.TotalSize);
    };

    /// <summary>Why queues accept no messages; null only while none is paused for this reason.</summary>
    public string? Reason => _reason?.Message;

    /// <summary>The free bytes at the last measurement; null before the first.</summary>
    public long? FreeBytes => Volatile.Read(ref _freeBytes) is >= 0 and var bytes ? bytes : null;

    /// <summary>Measures now, and starts to measure once a second. While the free space cannot be measured, the last decision stays in
    /// force.</summary>
    /// <returns>Ends the measurements when it is disposed. Dispose it before the queues are closed.</returns>
    public PeriodicCheck Start(IngressSinks sinks)
    {
        _reason = null;
        return new PeriodicCheck("the free space", ended => Observe(sinks, ended), time, logger);
    }

    private void Observe(IngressSinks sinks, CancellationToken ended)
    {
        // Never returns if the volume is on a machine that does not answer.
        (long free, long total) = Measure(plan.Data.Root);
        if (ended.IsCancellationRequested)
        {
            return;
        }

        Volatile.Write(ref _freeBytes, free);
        long floor = plan.MinFreeBytes ?? Math.Min(DefaultMostBytes, total / DefaultPart);
        if (_reason is null && free < floor)
        {
            EstreamStorageException reason = new(
                $"The volume of '{plan.Data.Root}' has {free >> 20} MiB free, less than Storage:MinFreeBytes ({floor >> 20} MiB). Free "
                + "space, or set RetainedBytes of queues.",
                plan.Data.Root, StorageFailure.DiskFull);
            _reason = reason;
            sinks.Pause(PauseReason.Disk, reason, IsPaused);
            LogBelow(logger, reason.Message);
        }
        else if (_reason is not null && free - floor >= floor / 10)
        {
            sinks.Resume(PauseReason.Disk, static _ => true);
            _reason = null;
            LogAbove(logger, plan.Data.Root, free >> 20);
        }
        else if (_reason is { } lasting)
        {
            // A reload may have added a queue, or changed which queues use the reserve.
            sinks.Pause(PauseReason.Disk, lasting, IsPaused);
            sinks.Resume(PauseReason.Disk, queue => !IsPaused(queue));
        }
    }

    private bool IsPaused(string queue) => !plan.UsesReserve.Contains(queue);

    [LoggerMessage(EventId = 31, Level = LogLevel.Warning, Message = "Adapters are paused: {Reason}")]
    private static partial void LogBelow(ILogger logger, string reason);

    [LoggerMessage(EventId = 32, Level = LogLevel.Information,
        Message = "Adapters resume: the volume of {Data} has {Free} MiB free again.")]
    private static partial void LogAbove(ILogger logger, string data, long free);
}
