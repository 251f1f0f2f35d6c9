namespace Estream.Fpga.Internal;

/// <summary>The cards of a target. Thread-safe.</summary>
internal sealed class CardSlots : IDisposable
{
    private readonly CardSlot[] _slots;
    private int _places;

    public CardSlots(FpgaTargetOptions options) => _slots = [.. options.Cards.Select(uri => new CardSlot(uri, options))];

    public IReadOnlyList<CardSlot> All => _slots;

    /// <summary>A place among the cards for who comes next, so that all of them get work.</summary>
    public int NextPlace() => Interlocked.Increment(ref _places) - 1;

    /// <summary>Takes a card that is ready: that of the place, or another one when it is not. Its gate is entered; the caller exits it.</summary>
    /// <returns>Null when there is none.</returns>
    public CardSlot? Take(int place)
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            CardSlot slot = _slots[(int)((uint)(place + i) % (uint)_slots.Length)];
            slot.Gate.Enter();
            if (slot.IsReady())
            {
                return slot;
            }

            slot.Gate.Exit();
        }

        return null;
    }

    public void Dispose()
    {
        foreach (CardSlot slot in _slots)
        {
            slot.Dispose();
        }
    }
}
