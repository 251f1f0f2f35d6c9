using Estream.Core;

namespace Estream.Map.Internal;

// A table that a snapshot has left behind, and that is lent to who may only read: its file stays for as long. No file of a table goes
// before the device has the word that says that it is not needed.
internal sealed partial class MapOpener<TKey, TValue>
{
    /// <summary>Lends a table that was just left behind, instead of another one. The caller has the right to begin and to end
    /// moves.</summary>
    public void Lend(MapMeta meta, long generation)
    {
        long before = meta.ExchangeLent(generation);
        if (before != 0)
        {
            DeleteLeft(meta, before);
        }
    }

    /// <summary>Ends that, unless another one is lent by now. While the map still moves from there the end of the move deletes the
    /// file.</summary>
    public void EndLending(MapMeta meta, long generation)
    {
        // Both tell before they look, with a full fence in between: of this one and the end of the move at least one sees what the other
        // has done.
        if (generation != 0 && meta.TryEndLending(generation) && MapState.GenerationOf(meta.State, meta.Version) > generation)
        {
            DeleteLeft(meta, generation);
        }
    }

    /// <summary>At the end of a move, when the device knows of it: removes the file, unless it is lent. Then who ends that does.</summary>
    public void LeaveTable(MapMeta meta, long generation)
    {
        if (!meta.IsLent(generation))
        {
            DeleteTable(generation);
        }
    }

    /// <summary>The table that is lent, to be read, with a mapping of its own.</summary>
    public Table<TKey, TValue>? TryOpenLent(MapMeta meta)
    {
        for (int attempt = 0; attempt < MaxOpenAttempts; attempt++)
        {
            // What was lent before the machine stopped is of many moments, and whoever signs the map behind that has put it down first.
            if (_source is not DirectorySource || !IsOfThisRun(meta))
            {
                return null;
            }

            long generation = meta.LentTable;
            if (generation == 0)
            {
                return null;
            }

            try
            {
                return OpenTable(generation, meta.HashSeed, RegionAccess.ReadOnly);
            }
            catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
            {
                // It was just given up; another one may have taken its place.
            }
        }

        return null;
    }

    // Who ended the move may have died before the device had the word. One whose device refuses it leaves the file to who opens the map
    // next.
    private void DeleteLeft(MapMeta meta, long generation)
    {
        try
        {
            meta.Flush();
        }
        catch (EstreamStorageException)
        {
            meta.NoteLoss();
            return;
        }

        DeleteTable(generation);
    }
}
