namespace Estream.Fpga.Internal;

/// <summary>The cards of a target. Thread-safe.</summary>
internal sealed class CardSlots : IDisposable
{
    private readonly CardSlot[] _slots;
    private readonly Dictionary<object, int> _owners = new(ReferenceEqualityComparer.Instance);
    private readonly Lock _ownersGate = new();
    private int _places;

    public CardSlots(FpgaTargetOptions options) => _slots = [.. options.Cards.Select(uri => new CardSlot(uri, options))];

    public IReadOnlyList<CardSlot> All => _slots;

    /// <summary>Returns the index of the preferred card of the next operation, round-robin.</summary>
    public int NextPlace() => Interlocked.Increment(ref _places) - 1;

    /// <summary>Returns the index of a card; -1 if there is none with this address.</summary>
    public int PlaceOf(string uri) => Array.FindIndex(_slots, slot => slot.Uri == uri);

    /// <summary>Registers an operation that works on a queue or a map.</summary>
    public void Enter(object owner)
    {
        lock (_ownersGate)
        {
            _owners[owner] = _owners.GetValueOrDefault(owner) + 1;
        }
    }

    /// <summary>Unregisters an operation. After the last operation of a queue or a map, its lanes become available to other queues and
    /// maps.</summary>
    public void Leave(object owner)
    {
        lock (_ownersGate)
        {
            if (--_owners[owner] > 0)
            {
                return;
            }

            _owners.Remove(owner);
        }

        foreach (CardSlot slot in _slots)
        {
            lock (slot.Gate)
            {
                slot.Release(owner);
            }
        }
    }

    /// <summary>Returns a card that is ready: the preferred card if possible, otherwise another card. Enters the card's gate; the caller
    /// exits the gate.</summary>
    /// <returns>Null if no card is ready.</returns>
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
