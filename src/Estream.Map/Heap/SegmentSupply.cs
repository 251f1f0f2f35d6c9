using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>Memory that is no segment at the moment: its file has a name under which nobody looks for blocks.</summary>
internal readonly record struct Spare(HeapMemory Memory, string Name)
{
    public long Length => Memory.Region.Length;
}

/// <summary>
/// Where segments get their memory: from those that were given up, whose pages are there already, or from new files, large ones made ahead
/// by a thread of its own. Called by the one writing thread.
/// </summary>
internal sealed class SegmentSupply(RegionSource source, ulong identity)
{
    /// <summary>A file below this is made by the writer itself, in less than a millisecond.</summary>
    private const long LargeBytes = 1 << 20;

    private readonly List<Spare> _spares = [];
    private Task<Spare>? _ahead;
    private long _aheadBytes;
    private long _numbers;

    /// <summary>The memory of those at hand.</summary>
    public long Bytes { get; private set; }

    public string NextName() => HeapFormat.SpareFile(++_numbers);

    /// <summary>Gets memory for a segment.</summary>
    /// <param name="least">What it must hold.</param>
    /// <param name="wanted">How large a new one is made.</param>
    /// <param name="most">How large one that is at hand may be.</param>
    /// <exception cref="EstreamStorageException">The disk is full, or the device reported an error.</exception>
    public Spare Take(long least, long wanted, long most)
    {
        Collect(wait: false);
        if (TryTake(least, most, out Spare taken))
        {
            return taken;
        }

        if (_ahead is not null && _aheadBytes >= least && _aheadBytes <= most)
        {
            Collect(wait: true);
            if (TryTake(least, most, out taken))
            {
                return taken;
            }
        }

        return Create(NextName(), wanted, isAhead: false);
    }

    /// <summary>Begins to make the next large segment, unless there is one at hand.</summary>
    public void PrepareAhead(long wanted)
    {
        Collect(wait: false);
        if (wanted >= LargeBytes && _ahead is null && _spares.Count == 0)
        {
            MakeAhead(NextName(), wanted);
        }
    }

    /// <summary>Takes memory back, and deletes files until those at hand have no more than <paramref name="most"/> bytes.</summary>
    public void Give(Spare spare, long most)
    {
        _spares.Add(spare);
        Bytes += spare.Length;
        while (Bytes > most && _spares.Count > 0)
        {
            Spare oldest = _spares[0];
            _spares.RemoveAt(0);
            Bytes -= oldest.Length;
            Delete(oldest);
        }
    }

    /// <summary>Deletes what is at hand, after waiting for what is being made.</summary>
    public void Stop(bool isDisposing)
    {
        Collect(wait: true);
        foreach (Spare spare in _spares)
        {
            Delete(spare);
            if (isDisposing)
            {
                spare.Memory.Dispose();
            }
        }

        _spares.Clear();
        Bytes = 0;
    }

    // By itself: what the thread is told lives in an object, which a method makes where it begins, and this one is called rarely.
    private void MakeAhead(string name, long bytes)
    {
        _aheadBytes = bytes;
        _ahead = Task.Factory.StartNew(() => Create(name, bytes, isAhead: true), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    private bool TryTake(long least, long most, out Spare taken)
    {
        int best = _spares.FindIndex(spare => spare.Length >= least && spare.Length <= most);
        taken = best < 0 ? default : _spares[best];
        if (best >= 0)
        {
            _spares.RemoveAt(best);
            Bytes -= taken.Length;
        }

        return best >= 0;
    }

    private void Collect(bool wait)
    {
        if (_ahead is not { } ahead || (!wait && !ahead.IsCompleted))
        {
            return;
        }

        _ahead = null;
        try
        {
            Spare made = ahead.GetAwaiter().GetResult();
            _spares.Add(made);
            Bytes += made.Length;
        }
        catch (Exception failure) when (failure is EstreamException or InsufficientMemoryException)
        {
            // Whoever needs one makes it, and hears why that fails.
        }
    }

    private Spare Create(string name, long bytes, bool isAhead)
    {
        // One may be left of an attempt that failed and could not be cleared away.
        source.Delete(name);
        MemoryRegion region = source.Create(name, (bytes + MapFormat.PageBytes - 1) & -MapFormat.PageBytes);
        if (isAhead)
        {
            region.Prefault(0, region.Length);
        }

        SegmentFile.WriteHeader(region.All, identity);
        return new Spare(new HeapMemory(region), name);
    }

    // A file that cannot be deleted is deleted by the next writer.
    private void Delete(Spare spare)
    {
        spare.Memory.Retire();
        try
        {
            source.Delete(spare.Name);
        }
        catch (EstreamStorageException)
        {
            // It is not part of the map, so the map is whole with it or without.
        }
    }
}
