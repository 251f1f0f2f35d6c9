using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>State that the shared appenders of a queue object, and its waiting tailers, have in common.</summary>
internal sealed class SharedWriters : IDisposable
{
    private readonly object _gate = new();
    private readonly EstreamQueue _queue;
    private readonly WriterTable _table;

    // A simulation has no threads: due work runs on the next call.
    private readonly bool _hasThreads;
    private MaintenanceThread? _caretaker;

    public SharedWriters(EstreamQueue queue, QueueOptions options)
    {
        _queue = queue;
        _hasThreads = options.Background == TaskScheduler.Default;
        _table = WriterTable.Open(queue.Files);
        Dead = new DeadWriterReclaimer(queue, _table);
        Supply = new SharedSupply(queue);
        Rotation = new SegmentRotation(queue, options, Supply, Dead);
    }

    public DeadWriterReclaimer Dead { get; }

    public SharedSupply Supply { get; }

    public SegmentRotation Rotation { get; }

    /// <summary>Takes a writer slot, after reclaiming the slots of dead writers.</summary>
    /// <exception cref="EstreamLeaseException">No slot is free.</exception>
    public WriterSlot TakeSlot()
    {
        Dead.TryClearUpAll();
        WriterSlot slot = _table.Take(Dead, _queue.Directory);
        lock (_gate)
        {
            _caretaker ??= _hasThreads ? new MaintenanceThread(Dead) : null;
        }

        return slot;
    }

    /// <summary>Releases a slot whose owner has no open claim.</summary>
    public void ReleaseSlot(WriterSlot slot)
    {
        _table.Clear(slot.Number);
        slot.Dispose();
    }

    /// <summary>Call after the appenders of this queue object are disposed.</summary>
    public void Dispose()
    {
        _caretaker?.Dispose();
        Supply.Dispose();
        _table.Dispose();
    }
}
