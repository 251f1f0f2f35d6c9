namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>Counts what each user has, up to a limit for each. Clients without a user are not counted. Thread-safe.</summary>
internal sealed class UserTally(int most)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>Whether a user may have one more.</summary>
    public bool HasRoom(string? user)
    {
        lock (_lock)
        {
            return user is null || _counts.GetValueOrDefault(user) < most;
        }
    }

    /// <summary>Counts one more, if the user may have it.</summary>
    public bool TryAdd(string? user)
    {
        lock (_lock)
        {
            if (user is not null && _counts.GetValueOrDefault(user) >= most)
            {
                return false;
            }

            Add(user);
            return true;
        }
    }

    /// <summary>Counts one more, also beyond the limit.</summary>
    public void Add(string? user)
    {
        lock (_lock)
        {
            if (user is not null)
            {
                _counts[user] = _counts.GetValueOrDefault(user) + 1;
            }
        }
    }

    /// <summary>Counts one less.</summary>
    public void Remove(string? user)
    {
        lock (_lock)
        {
            if (user is not null && _counts.TryGetValue(user, out int count) && (_counts[user] = count - 1) == 0)
            {
                _counts.Remove(user);
            }
        }
    }
}
