using Estream.Core;
using Estream.Map;

namespace Estream.Circuits.Operations.Replication;

/// <summary>The map of a replica, of the same kind as its source.</summary>
internal sealed class ReplicaEntries : IDisposable
{
    private const long NanosPerTick = 100;

    private readonly ByteMap? _plain;
    private readonly VersionedByteMap? _versioned;
    private readonly IClock _clock;

    private ReplicaEntries(ByteMap? plain, VersionedByteMap? versioned, IClock clock)
    {
        (_plain, _versioned, _clock) = (plain, versioned, clock);
    }

    public long Count => _plain?.Count ?? _versioned!.Count;

    public bool HostCrashed => _plain?.HostCrashed ?? _versioned!.HostCrashed;

    public static ReplicaEntries Open(string directory, bool hasVersions, QueueKeyRing? keys, IClock clock, IStorage storage)
    {
        ByteMapOptions options = new() { Clock = clock, Storage = storage, Keys = keys };
        return hasVersions
            ? new ReplicaEntries(null, VersionedByteMap.Open(directory, options), clock)
            : new ReplicaEntries(ByteMap.Open(directory, options), null, clock);
    }

    public long UserWord(int index) => _plain?.UserWord(index) ?? _versioned!.UserWord(index);

    public void SetUserWord(int index, long value)
    {
        _plain?.SetUserWord(index, value);
        _versioned?.SetUserWord(index, value);
    }

    public void Clear()
    {
        _plain?.Clear();
        _versioned?.Clear();
    }

    /// <summary>Applies a change. The entry gets a version of this map, not of the source.</summary>
    public void Apply(in MapChange change)
    {
        switch (change.Kind)
        {
            case MapChangeKind.Clear:
                Clear();
                break;
            case MapChangeKind.Put when _plain is not null:
                _plain.Put(change.Key, change.Value);
                break;
            case MapChangeKind.Put:
                Put(in change);
                break;
            default:
                Remove(change.Key);
                break;
        }
    }

    public void Dispose()
    {
        _plain?.Dispose();
        _versioned?.Dispose();
    }

    private void Put(in MapChange change)
    {
        long left = change.ExpiresAt == 0 ? long.MaxValue : (change.ExpiresAt - _clock.CoarseUtcNanos) / NanosPerTick;
        if (left <= 0)
        {
            Remove(change.Key);
            return;
        }

        _versioned!.Put(change.Key, change.Value, change.ExpiresAt == 0 ? null : TimeSpan.FromTicks(left));
    }

    private void Remove(ReadOnlySpan<byte> key)
    {
        _ = _plain?.Remove(key) ?? _versioned!.Remove(key);
    }
}
