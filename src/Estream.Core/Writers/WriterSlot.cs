namespace Estream.Core;

/// <summary>A slot of <see cref="WriterSlots"/> that a writer owns.</summary>
public sealed class WriterSlot : IDisposable
{
    private readonly WriterSlots _slots;
    private readonly IDisposable _lock;

    internal WriterSlot(WriterSlots slots, IDisposable held, int number)
    {
        _slots = slots;
        _lock = held;
        Number = number;
        Memory = slots.Memory(number);
        Epoch = Memory.ReadInt64(WriterSlots.EpochOffset) + 1;
        Memory.WriteInt64(WriterSlots.StartOffset, ProcessIdentity.OwnStartUtcNanos);

        // The process id comes last: an owner that died between these stores had done nothing, and no reclaim is necessary.
        Memory.WriteInt64Release(WriterSlots.EpochOffset, Epoch);
        Memory.WriteInt32Release(WriterSlots.ProcessOffset, Environment.ProcessId);
    }

    /// <summary>The index of the slot.</summary>
    public int Number { get; }

    /// <summary>The number of owners of the slot so far. With <see cref="Number"/> it identifies this owner.</summary>
    public long Epoch { get; }

    /// <summary>The bytes of the slot.</summary>
    public RegionSpan Memory { get; }

    /// <summary>Frees the slot for the next owner. Call it once.</summary>
    public void Dispose()
    {
        _slots.Clear(Number);
        _lock.Dispose();
    }
}
