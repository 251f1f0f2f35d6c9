using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// The words of queue.meta by which tailers that sleep are woken, in whatever process they are; docs/formats/queue.md, "Waiting". Made for
/// the first appender, or the first tailer that sleeps. Thread-safe.
/// </summary>
internal sealed class WakeUp : IDisposable
{
    private readonly MemoryRegion _metadata;
    private readonly SharedSignal _signal;
    private long _sleeps;
    private long _overslept;

    public WakeUp(QueueFiles files)
    {
        _metadata = files.Storage.OpenRegion(files.MetadataPath, RegionAccess.ReadWrite);
        try
        {
            _signal = new SharedSignal(_metadata, MetadataLayout.WakeUpOffset);
        }
        catch
        {
            _metadata.Dispose();
            throw;
        }
    }

    /// <summary>What appenders look at behind each message: when it is up, they call <see cref="Notify"/>.</summary>
    public SignalFlag Flag => _signal.Flag;

    /// <summary>Whether appenders look at the flag: those that know format version 1 alone do not.</summary>
    public bool IsHeeded => _metadata.All.ReadInt32Acquire(MetadataLayout.VersionOffset) >= MetadataLayout.Version;

    /// <summary>How often somebody of this process has slept.</summary>
    public long Sleeps => Volatile.Read(ref _sleeps);

    /// <summary>How many of those sleeps ended with their time and not by being woken.</summary>
    public long Overslept => Volatile.Read(ref _overslept);

    public void Notify() => _signal.Notify();

    /// <summary>Announces a sleep. Look again for what is waited for before <see cref="Sleep"/>.</summary>
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
