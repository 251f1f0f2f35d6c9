namespace Estream.Map.Internal;

/// <summary>That a snapshot's table is lent to readers, until the snapshot is disposed, its map is closed, or another one is
/// lent.</summary>
internal sealed class Loan<TKey, TValue>(MapOpener<TKey, TValue> opener, MapMeta meta, long generation)
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly Lock _gate = new();
    private bool _isEnded;

    /// <summary>Idempotent. When it has returned, nobody comes back to the map for this.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (!_isEnded)
            {
                _isEnded = true;
                opener.EndLending(meta, generation);
            }
        }
    }
}
