namespace Estream.Core;

/// <summary>A place of <see cref="WriterSlots"/> while a writer has it.</summary>
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

        // The process last, so that nobody takes an owner for dead who died between two of these stores: he had done nothing.
        Memory.WriteInt64Release(WriterSlots.EpochOffset, Epoch);
        Memory.WriteInt32Release(WriterSlots.ProcessOffset, Environment.ProcessId);
    }

    /// <summary>Which place it is.</summary>
    public int Number { get; }

    /// <summary>How many owners the place has had, this one included: with <see cref="Number"/> the name of this owner alone.</summary>
    public long Epoch { get; }

    /// <summary>The bytes of the place.</summary>
    public RegionSpan Memory { get; }

    /// <summary>Gives the place to the next owner: nothing is left of this one. Do it once.</summary>
    public void Dispose()
    {
        _slots.Clear(Number);
        _lock.Dispose();
    }
}
