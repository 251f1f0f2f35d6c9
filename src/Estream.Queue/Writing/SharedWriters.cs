using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>What the shared appenders of a queue object, and its tailers when they wait for a dead one, have in common.</summary>
internal sealed class SharedWriters : IDisposable
{
    private readonly object _gate = new();
    private readonly EstreamQueue _queue;
    private readonly WriterTable _table;

    // A simulation has no threads: what is due is done when somebody comes.
    private readonly bool _hasThreads;
    private MaintenanceThread? _caretaker;

    public SharedWriters(EstreamQueue queue, QueueOptions options)
    {
        _queue = queue;
        _hasThreads = options.Background == TaskScheduler.Default;
        _table = WriterTable.Open(queue.Files);
        Dead = new DeadWriterReclaimer(queue, _table);
        Supply = new SharedSupply(queue, options);
        Rotation = new SegmentRotation(queue, options, Supply, Dead);
    }

    public DeadWriterReclaimer Dead { get; }

    public SharedSupply Supply { get; }

    public SegmentRotation Rotation { get; }

    /// <summary>Takes a place among the writers, after clearing up after those that died.</summary>
    /// <exception cref="EstreamLeaseException">There is none.</exception>
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

    /// <summary>The appenders of this queue object are gone by now.</summary>
    public void Dispose()
    {
        _caretaker?.Dispose();
        Supply.Dispose();
        _table.Dispose();
    }
}
