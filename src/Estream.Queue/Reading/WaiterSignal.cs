using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Wakes sleeping tailers in all processes, through words of queue.meta; see docs/formats/queue.md, "Waiting". Created for the first
/// appender or the first tailer that sleeps. Thread-safe.
/// </summary>
internal sealed class WaiterSignal : IDisposable
{
    private readonly MemoryRegion _metadata;
    private readonly SharedSignal _signal;
    private long _sleeps;
    private long _overslept;

    public WaiterSignal(QueueFiles files)
    {
        _metadata = files.Storage.OpenRegion(files.MetadataPath, RegionAccess.ReadWrite);
        try
        {
            _signal = new SharedSignal(_metadata, MetadataLayout.WaiterSignalOffset);
        }
        catch
        {
            _metadata.Dispose();
            throw;
        }
    }

    public SharedSignal Signal => _signal;

    /// <summary>Appenders read this flag after each message. When the flag is up, they call <see cref="Notify"/>.</summary>
    public SignalFlag Flag => _signal.Flag;

    /// <summary>Whether appenders read the flag: appenders of format version 1 do not.</summary>
    public bool IsHeeded =>
        _metadata.All.ReadInt32Acquire(MetadataLayout.VersionOffset) >= MetadataLayout.VersionWithEqualSegments;

    /// <summary>How often a reader in this process has slept.</summary>
    public long Sleeps => Volatile.Read(ref _sleeps);

    /// <summary>How many of those sleeps timed out without a notification.</summary>
    public long Overslept => Volatile.Read(ref _overslept);

    public void Notify() => _signal.Notify();

    /// <summary>Announces a sleep. Check the awaited condition again before <see cref="Sleep"/>.</summary>
    public SharedSignal.Ticket Prepare() => _signal.Prepare();

    public void Sleep(SharedSignal.Ticket ticket, TimeSpan longest)
    {
        Interlocked.Increment(ref _sleeps);
        if (_signal.Wait(ticket, longest) == WaitOutcome.TimedOut)
        {
            Interlocked.Increment(ref _overslept);
        }
    }

    public void Dispose() => _metadata.Dispose();
}
