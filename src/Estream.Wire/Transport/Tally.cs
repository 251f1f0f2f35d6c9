namespace Estream.Wire;

/// <summary>Counts the use of a resource by each user or address, with a limit for each. A null owner is not counted.
/// Thread-safe.</summary>
/// <typeparam name="TOwner">The type of the owner: a user or an address.</typeparam>
internal sealed class Tally<TOwner>(long most)
    where TOwner : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TOwner, long> _counts = [];

    /// <summary>Returns the count of an owner.</summary>
    public long Of(TOwner owner)
    {
        lock (_lock)
        {
            return _counts.GetValueOrDefault(owner);
        }
    }

    /// <summary>Whether the owner is below the limit.</summary>
    public bool HasRoom(TOwner? owner) => owner is null || Of(owner) < most;

    /// <summary>Adds an amount, unless it would exceed the owner's limit.</summary>
    public bool TryAdd(TOwner? owner, long amount = 1)
    {
        lock (_lock)
        {
            if (owner is not null && _counts.GetValueOrDefault(owner) + amount > most)
            {
                return false;
            }

            Add(owner, amount);
            return true;
        }
    }

    /// <summary>Adds an amount, even beyond the limit.</summary>
    public void Add(TOwner? owner, long amount = 1)
    {
        lock (_lock)
        {
            if (owner is not null)
            {
                _counts[owner] = _counts.GetValueOrDefault(owner) + amount;
            }
        }
    }

    /// <summary>Subtracts an amount.</summary>
    public void Remove(TOwner? owner, long amount = 1)
    {
        lock (_lock)
        {
            if (owner is not null && _counts.TryGetValue(owner, out long count) && (_counts[owner] = count - amount) <= 0)
            {
                _counts.Remove(owner);
            }
        }
    }
}
