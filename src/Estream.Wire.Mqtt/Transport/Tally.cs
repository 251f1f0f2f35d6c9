namespace Estream.Wire.Mqtt.Internal;

/// <summary>Counts what each user or address has, up to a limit for each. What belongs to nobody is not counted. Thread-safe.</summary>
/// <typeparam name="TOwner">The user or the address.</typeparam>
internal sealed class Tally<TOwner>(long most)
    where TOwner : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TOwner, long> _counts = [];

    /// <summary>What an owner has.</summary>
    public long Of(TOwner owner)
    {
        lock (_lock)
        {
            return _counts.GetValueOrDefault(owner);
        }
    }

    /// <summary>Whether an owner may have one more.</summary>
    public bool HasRoom(TOwner? owner) => owner is null || Of(owner) < most;

    /// <summary>Counts more, if the owner may have it.</summary>
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

    /// <summary>Counts more, also beyond the limit.</summary>
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

    /// <summary>Counts less.</summary>
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
