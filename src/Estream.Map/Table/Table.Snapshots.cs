using Estream.Core;

namespace Estream.Map.Internal;

// A table that a snapshot uses outlives the map. Its header has the time and the user words of a lent snapshot.
internal sealed partial class Table<TKey, TValue>
{
    private PinCount _pins;

    /// <summary>Keeps <see cref="Dispose"/> from freeing the memory until <see cref="Unpin"/>.</summary>
    public void Pin() => _pins.Add();

    /// <summary>Ends a <see cref="Pin"/>. Frees the memory if the map was disposed meanwhile; otherwise other threads may be reading, and
    /// the garbage collector frees it.</summary>
    public void Unpin()
    {
        if (_pins.Remove())
        {
            TakeAway();
        }
    }

    private void TakeAway()
    {
        // A late call, such as that of an enumerator, must not touch an address that was reused.
        _buckets = default;
        _journals = default;
        _stripes = default;
        Release();
    }

    /// <summary>The time of the snapshot in nanoseconds since 1970 UTC.</summary>
    public long SnapshotTime => _region.All.ReadInt64(TableLayout.SnapshotTime);

    /// <summary>A word of user metadata at the time of the snapshot.</summary>
    public long SnapshotUserWord(int index) => _region.All.ReadInt64(TableLayout.SnapshotUserWords + (index * sizeof(long)));

    /// <summary>Writes the time and the user words of the snapshot, before the table is leased to other processes.</summary>
    public void WriteSnapshotHeader(long time, MapMeta meta)
    {
        RegionSpan file = _region.All;
        file.WriteInt64(TableLayout.SnapshotTime, time);
        for (int index = 0; index < MetaLayout.UserWordCount; index++)
        {
            file.WriteInt64(TableLayout.SnapshotUserWords + (index * sizeof(long)), meta.ReadUserWord(index));
        }

        GC.KeepAlive(this);
    }
}
