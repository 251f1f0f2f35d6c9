using Estream.Core;

namespace Estream.Map.Internal;

// What whoever borrows this table has to know of the moment at which it was left behind, and finds nowhere else by then.
internal sealed partial class Table<TKey, TValue>
{
    /// <summary>When it was left behind, in nanoseconds since 1970 UTC.</summary>
    public long LeftAt => _region.All.ReadInt64(TableLayout.LeftAt);

    /// <summary>A user word as it was then.</summary>
    public long LeftWord(int index) => _region.All.ReadInt64(TableLayout.LeftWords + (index * sizeof(long)));

    /// <summary>Notes both, before it is left behind; it is told to others afterwards.</summary>
    public void NoteLeft(long time, MapMeta meta)
    {
        RegionSpan file = _region.All;
        file.WriteInt64(TableLayout.LeftAt, time);
        for (int index = 0; index < MetaLayout.UserWordCount; index++)
        {
            file.WriteInt64(TableLayout.LeftWords + (index * sizeof(long)), meta.ReadUserWord(index));
        }

        GC.KeepAlive(this);
    }
}
