using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>Memory that is not a segment at the moment: its file has a name under which no reader looks for blocks.</summary>
internal readonly record struct Spare(HeapMemory Memory, string Name)
{
    public long Length => Memory.Region.Length;
}

/// <summary>
/// Supplies the memory of segments: reuses the memory of released segments, whose pages exist already, or creates new files. A background
/// thread creates large files in advance. Only the writing thread calls it.
/// </summary>
internal sealed class SegmentSupply(RegionSource source, ulong identity)
{
    /// <summary>The writer creates a file below this size itself, in less than a millisecond.</summary>
    private const long LargeBytes = 1 << 20;

    private readonly List<Spare> _spares = [];
    private Task<Spare>? _ahead;
    private long _aheadBytes;
    private long _numbers;

    /// <summary>The bytes of all spares.</summary>
    public long Bytes { get; private set; }

    public string NextName() => HeapFormat.SpareFile(++_numbers);

    /// <summary>Returns memory for a segment.</summary>
    /// <param name="least">The minimum size.</param>
    /// <param name="wanted">The size of a new file.</param>
    /// <param name="most">The maximum size of a spare.</param>
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

        return CreateInSpace(wanted);
    }

    /// <summary>Starts to create the next large segment, unless a spare fits.</summary>
    public void PrepareAhead(long wanted)
    {
        Collect(wait: false);
        if (wanted >= LargeBytes && _ahead is null && !HasFit(wanted))
        {
            MakeAhead(NextName(), wanted);
        }
    }

    /// <summary>Adds a spare. Then deletes the oldest spares over a limit: spares of unsuitable size take at most twice
    /// <paramref name="wanted"/>, and all spares at most <paramref name="most"/> bytes.</summary>
    /// <param name="spare">The spare.</param>
    /// <param name="wanted">The size of a new segment.</param>
    /// <param name="most">The limit of all spares, in bytes.</param>
    public void Give(Spare spare, long wanted, long most)
    {
        Add(spare);
        DropOldest(other => !IsFit(other.Length, wanted), 2 * wanted);
        DropOldest(_ => true, most);
    }

    /// <summary>Deletes all spares, after waiting for a spare that is being created.</summary>
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

    // Creates a file. If the disk is full, deletes all spares, none of which has the right size, and tries again.
    private Spare CreateInSpace(long bytes)
    {
        try
        {
            return Create(NextName(), bytes, isAhead: false);
        }
        catch (EstreamStorageException failure) when (failure.Reason == StorageFailure.DiskFull && _spares.Count > 0)
        {
            Stop(isDisposing: false);
            RetiredMappings.Unmap();
            return Create(NextName(), bytes, isAhead: false);
        }
    }

    // A separate method, because a method allocates its closure on entry, and the caller rarely needs the closure.
    private void MakeAhead(string name, long bytes)
    {
        _aheadBytes = bytes;
        _ahead = Task.Factory.StartNew(() => Create(name, bytes, isAhead: true), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    // Returns whether memory of this size can serve as a new segment for many blocks.
    private static bool IsFit(long bytes, long wanted) => bytes >= wanted / 2 && bytes <= wanted * 2;

    // A loop, because a lambda that captures 'wanted' would allocate on each call.
    private bool HasFit(long wanted)
    {
        foreach (Spare spare in _spares)
        {
            if (IsFit(spare.Length, wanted))
            {
                return true;
            }
        }

        return false;
    }

    private void DropOldest(Predicate<Spare> which, long most)
    {
        long bytes = _spares.FindAll(which).Sum(spare => spare.Length);
        while (bytes > most)
        {
            Spare oldest = RemoveAt(_spares.FindIndex(which));
            bytes -= oldest.Length;
            Delete(oldest);
        }
    }

    private Spare RemoveAt(int index)
    {
        Spare removed = _spares[index];
        _spares.RemoveAt(index);
        Bytes -= removed.Length;
        return removed;
    }

    private void Add(Spare spare)
    {
        _spares.Add(spare);
        Bytes += spare.Length;
    }

    private bool TryTake(long least, long most, out Spare taken)
    {
        int best = _spares.FindIndex(spare => spare.Length >= least && spare.Length <= most);
        taken = best < 0 ? default : RemoveAt(best);
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
            Add(ahead.GetAwaiter().GetResult());
        }
        catch (Exception failure) when (failure is EstreamException or InsufficientMemoryException)
        {
            // The call that needs a segment creates one, and throws if that fails.
        }
    }

    private Spare Create(string name, long bytes, bool isAhead)
    {
        // A failed attempt may have left a file that could not be deleted.
        source.Delete(name);
        MemoryRegion region = source.Create(name, (bytes + MapFormat.PageBytes - 1) & -MapFormat.PageBytes);
        if (isAhead)
        {
            region.Prefault(0, region.Length);
        }

        SegmentFile.WriteHeader(region.All, identity);
        return new Spare(new HeapMemory(region), name);
    }

    // The next writer deletes a file that cannot be deleted now.
    private void Delete(Spare spare)
    {
        spare.Memory.Retire();
        try
        {
            source.Delete(spare.Name);
        }
        catch (EstreamStorageException)
        {
            // The file is not part of the map, so it may stay.
        }
    }
}
