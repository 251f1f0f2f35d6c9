namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>Counts what each user has, up to a limit for each. What belongs to no user is not counted. Thread-safe.</summary>
internal sealed class UserTally(long most)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>What a user has.</summary>
    public long Of(string user)
    {
        lock (_lock)
        {
            return _counts.GetValueOrDefault(user);
        }
    }

    /// <summary>Whether a user may have one more.</summary>
    public bool HasRoom(string? user)
    {
        lock (_lock)
        {
            return user is null || _counts.GetValueOrDefault(user) < most;
        }
    }

    /// <summary>Counts more, if the user may have it.</summary>
    public bool TryAdd(string? user, long amount = 1)
    {
        lock (_lock)
        {
            if (user is not null && _counts.GetValueOrDefault(user) + amount > most)
            {
                return false;
            }

            Add(user, amount);
            return true;
        }
    }

    /// <summary>Counts more, also beyond the limit.</summary>
    public void Add(string? user, long amount = 1)
    {
        lock (_lock)
        {
            if (user is not null)
            {
                _counts[user] = _counts.GetValueOrDefault(user) + amount;
            }
        }
    }

    /// <summary>Counts less.</summary>
    public void Remove(string? user, long amount = 1)
    {
        lock (_lock)
        {
            if (user is not null && _counts.TryGetValue(user, out long count) && (_counts[user] = count - amount) == 0)
            {
                _counts.Remove(user);
            }
        }
    }
}
