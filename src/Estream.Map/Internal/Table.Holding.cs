namespace Estream.Map.Internal;

// A table that a snapshot looks at outlives the map: whoever lets go of it last takes the memory away, or the garbage collector does.
internal sealed partial class Table<TKey, TValue>
{
    private int _holders;
    private int _isLeftToHolders;
    private int _isTakenAway;

    /// <summary>Keeps <see cref="Dispose"/> from taking the memory away until <see cref="LetGo"/>.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>Ends a <see cref="Hold"/>. The memory goes if the map was disposed meanwhile; otherwise others may be reading, and it goes when nobody can any more.</summary>
    public void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) == 0 && Volatile.Read(ref _isLeftToHolders) != 0)
        {
            TakeAway();
        }
    }

    // Each of the two tells before it looks, with a full fence in between, so that of a last holder and an owner at least one takes the memory away; both may.
    private bool IsLeftToHolders()
    {
        Interlocked.Exchange(ref _isLeftToHolders, 1);
        return Volatile.Read(ref _holders) != 0;
    }

    private void TakeAway()
    {
        if (Interlocked.Exchange(ref _isTakenAway, 1) != 0)
        {
            return;
        }

        // A late call, of an enumerator say, is not to touch what the address means by then.
        _buckets = default;
        _journals = default;
        _stripes = default;
        Release();
    }
}
