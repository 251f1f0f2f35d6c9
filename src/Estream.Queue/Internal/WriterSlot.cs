using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>A slot of the writer table while an appender has it.</summary>
internal sealed class WriterSlot : IDisposable
{
    private const int Attempts = 1_000;

    private readonly WriterTable _table;
    private readonly IDisposable _lock;

    private WriterSlot(WriterTable table, IDisposable held, int number)
    {
        _table = table;
        _lock = held;
        Number = number;
        Memory = table.Slot(number);
        Epoch = Memory.ReadInt64(WriterLayout.EpochOffset) + 1;
        Memory.WriteInt64(WriterLayout.StartOffset, ProcessStart.Nanos);

        // The process last, so that nobody takes an owner for dead who died between two of these stores: he had claimed nothing.
        Memory.WriteInt64Release(WriterLayout.EpochOffset, Epoch);
        Memory.WriteInt32Release(WriterLayout.ProcessOffset, Environment.ProcessId);
    }

    public int Number { get; }

    public long Epoch { get; }

    public RegionSpan Memory { get; }

    /// <summary>Takes a free slot, clearing up after its last owner if nobody has yet.</summary>
    /// <exception cref="EstreamLeaseException">There is none: too many appenders, or dead ones that cannot be cleared up yet.</exception>
    public static WriterSlot Take(WriterTable table, DeadWriters dead, string directory)
    {
        IdleStrategy idle = IdleStrategy.Backoff();
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            for (int slot = 0; slot < WriterLayout.SlotCount; slot++)
            {
                if (TryTake(table, dead, slot) is { } taken)
                {
                    return taken;
                }
            }

            // Whoever looks whether an owner lives holds its lock for a moment: all may seem taken that are not.
            idle.Idle(0);
        }

        throw new EstreamLeaseException(
            $"All {WriterLayout.SlotCount} places for shared appenders of queue '{directory}' are taken. Dispose appenders, or let threads of a process share one behind a lock.",
            directory);
    }

    public void Dispose()
    {
        _table.Clear(Number);
        _lock.Dispose();
    }

    private static WriterSlot? TryTake(WriterTable table, DeadWriters dead, int slot)
    {
        IDisposable? held = table.TryLock(slot, LockMode.Exclusive);
        if (held is null)
        {
            return null;
        }

        try
        {
            if (table.Owner(slot) == 0 || dead.TryClearUp(slot))
            {
                return new WriterSlot(table, held, slot);
            }
        }
        catch
        {
            held.Dispose();
            throw;
        }

        held.Dispose();
        return null;
    }
}
