using Estream.Net.Internal;

namespace Estream.Net.Udp;

/// <summary>Packets that wait for the kernel to accept them, first in, first out. Holds as many as the arena has send frames.</summary>
internal sealed class SendQueue(int capacity)
{
    private readonly SendSlot[] _slots = new SendSlot[capacity];
    private int _first;

    public int Count { get; private set; }

    /// <summary>The packet at a distance from the oldest one.</summary>
    public ref readonly SendSlot this[int index] => ref _slots[(_first + index) & (_slots.Length - 1)];

    public void Add(in SendSlot slot)
    {
        _slots[(_first + Count) & (_slots.Length - 1)] = slot;
        Count++;
    }

    /// <summary>Removes the oldest packets.</summary>
    public void Remove(int count)
    {
        _first = (_first + count) & (_slots.Length - 1);
        Count -= count;
    }
}
