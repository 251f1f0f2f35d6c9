namespace Estream.Map.Internal;

/// <summary>Keeps the table of a snapshot in memory until <see cref="Release"/>, also after its map is disposed. A mutable struct: do not
/// copy it.</summary>
internal struct TablePin<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private Table<TKey, TValue>? _table;

    public TablePin(Table<TKey, TValue> table)
    {
        table.Pin();
        _table = table;
    }

    /// <exception cref="ObjectDisposedException">The pin is released.</exception>
    public readonly Table<TKey, TValue> Table
    {
        get
        {
            if (_table is not { } table)
            {
                ThrowHelper.SnapshotDisposed();
                return null;
            }

            return table;
        }
    }

    /// <returns>Whether this call released the pin: only the first one does.</returns>
    public bool Release()
    {
        Table<TKey, TValue>? table = Interlocked.Exchange(ref _table, null);
        table?.Unpin();
        return table is not null;
    }
}
