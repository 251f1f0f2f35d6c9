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

    /// <summary>A place among the cards for who comes next, so that all of them get work.</summary>
    public int NextPlace() => Interlocked.Increment(ref _places) - 1;

    /// <summary>An operation works on a queue or a map from now on.</summary>
    public void Enter(object owner)
    {
        lock (_ownersGate)
        {
            _owners[owner] = _owners.GetValueOrDefault(owner) + 1;
        }
    }

    /// <summary>It does so no longer; behind the last one the lanes of the queue or the map are others' to have.</summary>
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

    /// <summary>Takes a card that is ready: that of the place, or another one when it is not. Its gate is entered; the caller exits
    /// it.</summary>
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
