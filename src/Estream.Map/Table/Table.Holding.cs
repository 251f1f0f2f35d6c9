namespace Estream.Map.Internal;

// A table that a snapshot looks at outlives the map.
internal sealed partial class Table<TKey, TValue>
{
    private Holders _holders;

    /// <summary>Keeps <see cref="Dispose"/> from taking the memory away until <see cref="LetGo"/>.</summary>
    public void Hold() => _holders.Add();

    /// <summary>Ends a <see cref="Hold"/>. The memory goes if the map was disposed meanwhile; otherwise others may be reading, and it goes
    /// when nobody can any more.</summary>
    public void LetGo()
    {
        if (_holders.Remove())
        {
            TakeAway();
        }
    }

    private void TakeAway()
    {
        // A late call, of an enumerator say, is not to touch what the address means by then.
        _buckets = default;
        _journals = default;
        _stripes = default;
        Release();
    }
}
