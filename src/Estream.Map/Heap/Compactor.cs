using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// Reclaims the space of replaced and removed blocks. A <em>pass</em> copies the live blocks out of the emptiest segments, a part with each
/// write, and then releases these segments. Only the writing thread calls it; if the heap is in files and large, another thread flushes.
/// </summary>
/// <remarks>
/// A pass goes through the index, and checks of each reference only whether it leads into one of the selected segments, its victims. New
/// blocks are never stored in a victim, so after one round no reference to a victim is left. Blocks are copied in chunks. A chunk is
/// durable before the index refers to it, and the index is durable before the victims are reused. After a power cut each reference
/// therefore leads to a whole block. See docs/formats/bytemap.md.
/// </remarks>
internal sealed partial class Compactor
{
    private const int ChunkEntries = 4096;
    private const long ChunkBytes = 4 << 20;

    /// <summary>The cost of visiting one entry of the index, as the number of bytes that could be copied in the same time.</summary>
    private const int LookCost = 64;

    /// <summary>A pass ends before the live bytes divided by this number have been written again.</summary>
    private const int PassPart = 8;

    /// <summary>The number of blocks that are prefetched before they are copied, and of index entries before they are published. The
    /// memory delivers several lines in the time of one.</summary>
    private const int Ahead = 16;

    /// <summary>The writer flushes a heap below this size itself.</summary>
    private const long LargeBytes = 1 << 20;

    /// <summary>A separate thread flushes a heap from this size on, because it may take long. A pool thread flushes a smaller heap,
    /// because starting a thread takes longer than that flush.</summary>
    private const long LongRunningBytes = 16 << 20;

    private readonly StateMap<nuint, nuint> _index;
    private readonly Heap _heap;
    private readonly ByteMeta _meta;
    private readonly RegionSource _source;
    private readonly List<HeapSegment> _victims = [];
    private readonly (nuint Hash, BlockRef Root)[] _waiting = new (nuint, BlockRef)[Ahead];
    private long _found;
    private long _taken;
    private Moved[] _chunk = [];
    private int _chunkCount;
    private int _published;
    private long _chunkBytes;
    private StateMap<nuint, nuint>.Enumerator _entries;
    private bool _isThrough;
    private Phase _phase;
    private Task? _flushing;
    private List<FlushRange> _ranges = [];
    private long _credit;
    private long _rate;
    private long _quietBytes;

    public Compactor(StateMap<nuint, nuint> index, Heap heap, ByteMeta meta, RegionSource source)
    {
        _index = index;
        _heap = heap;
        _meta = meta;
        _source = source;
    }

    private enum Phase
    {
        Idle,
        Copying,
        FlushingChunk,
        Publishing,
        FlushingIndex,
    }

    /// <param name="Hash">The hash of the index entry.</param>
    /// <param name="Old">The block in a victim.</param>
    /// <param name="New">Its copy.</param>
    /// <param name="Bytes">The bytes of a single block; not used for a list.</param>
    private readonly record struct Moved(nuint Hash, BlockRef Old, BlockRef New, long Bytes);

    /// <summary>The number of bytes copied to other segments since the map was opened.</summary>
    public long MovedBytes { get; private set; }

    /// <summary>The number of passes that have ended since the map was opened.</summary>
    public long Passes { get; private set; }

    private bool IsAllCopied => _isThrough && _taken == _found;

    /// <summary>Does a part of a pass, in proportion to the bytes of a write, or begins a pass if there are enough dead bytes. A failure
    /// does not affect the write and is not thrown: the pass is aborted, and a later write tries again.</summary>
    public void Work(long bytes)
    {
        if (_phase == Phase.Idle)
        {
            _quietBytes -= bytes;
            if (_heap.DeadBytes <= (_heap.LiveBytes / 2) + _heap.OpenBytes + _heap.NewSegmentBytes || _quietBytes > 0)
            {
                return;
            }

            Begin(all: false);
        }

        _credit += bytes * _rate;
        try
        {
            while (_credit > 0 && _phase != Phase.Idle && Advance())
            {
            }

            // The device is slower than the writes: the writer waits for the device, so that files do not pile up.
            if (_flushing is { IsCompleted: false } flushing && _heap.DeadBytes > (2 * _heap.LiveBytes) + (2 * _heap.OpenBytes))
            {
                Await(flushing);
            }
        }
        catch (Exception failure) when (failure is EstreamException or InsufficientMemoryException or TaskSchedulerException)
        {
            Abort();
        }
    }

    /// <summary>Compacts the whole map now, and seals all entries with the current key.</summary>
    /// <exception cref="EstreamStorageException">The disk is full, or the device reported an error. The map is intact.</exception>
    public void Run()
    {
        Abort();
        _heap.Close(all: true);
        Begin(all: true);
        try
        {
            while (_phase != Phase.Idle)
            {
                // A migrating index is flushed completely, because no other write ends the migration meanwhile.
                if (!Advance(isHurried: true) && _flushing is { } flushing)
                {
                    Await(flushing);
                }
            }

            _heap.DropSpares(isDisposing: false);
        }
        catch (EstreamStorageException)
        {
            Abort();
            throw;
        }
    }

    /// <summary>Aborts the pass: copies that were not published become dead bytes, and the victims stay in use.</summary>
    public void Abort()
    {
        try
        {
            _flushing?.GetAwaiter().GetResult();
        }
        catch (EstreamStorageException)
        {
            _meta.HasHostCrashed = true;
        }

        _flushing = null;
        foreach (HeapSegment victim in _victims)
        {
            victim.IsVictim = false;
        }

        _victims.Clear();
        _chunkCount = 0;
        _phase = Phase.Idle;
        _quietBytes = _heap.NewSegmentBytes;
    }

    private void Begin(bool all)
    {
        _heap.Close(all: false);
        long moving = ChooseVictims(all);
        _quietBytes = _heap.NewSegmentBytes;
        if (_victims.Count == 0)
        {
            return;
        }

        long work = (_index.Count * LookCost) + (3 * moving);
        _rate = 1 + (work / Math.Max(_heap.LiveBytes / PassPart, HeapFormat.MinSegmentBytes));
        _credit = 0;
        if (_chunk.Length == 0)
        {
            _chunk = new Moved[ChunkEntries];
        }

        _entries = _index.GetEnumerator();
        _isThrough = false;
        _found = _taken = 0;
        BeginChunk();
    }

    // Chooses the emptiest segments first, up to a quarter of the live bytes: a pass needs no more additional space than that.
    private long ChooseVictims(bool all)
    {
        long most = all ? long.MaxValue : Math.Max(_heap.LiveBytes / 4, _heap.NewSegmentBytes);
        long moving = 0;
        List<HeapSegment> candidates = [.. _heap.View.Segments.ToList().Where(segment => IsWorthMoving(segment, all))];
        candidates.Sort((left, right) => (left.LiveBytes / (double)left.Capacity).CompareTo(right.LiveBytes / (double)right.Capacity));
        foreach (HeapSegment segment in candidates)
        {
            moving += Math.Max(0, segment.LiveBytes);
            if (moving > most && _victims.Count > 0)
            {
                return moving - segment.LiveBytes;
            }

            segment.IsVictim = true;
            _victims.Add(segment);
        }

        return moving;
    }

    private bool IsWorthMoving(HeapSegment segment, bool all) =>
        !_heap.IsOpen(segment) && !segment.IsDamaged
        && (segment.LiveBytes <= 0 || (all && segment.KeyGeneration != _heap.KeyGeneration)
            || (!segment.IsSingle && segment.LiveBytes <= segment.Capacity / 16 * (all ? 15 : 12)));

    /// <returns>Whether to continue; false while a flush or a migration of the index has to end first.</returns>
    private bool Advance(bool isHurried = false)
    {
        switch (_phase)
        {
            case Phase.Copying:
                CopyNext();
                return true;
            case Phase.FlushingChunk:
                return EndFlush() && BeginPublishing();
            case Phase.Publishing:
                PublishNext();
                return true;
            default:
                return (_flushing is not null || BeginFlushIndex(isHurried)) && EndFlush() && End();
        }
    }

    private void BeginChunk()
    {
        _chunkCount = 0;
        _chunkBytes = 0;
        _phase = Phase.Copying;
    }

    private void CopyNext()
    {
        _credit -= LookCost;
        Look();
        if (_found - _taken == Ahead || (_isThrough && _found > _taken))
        {
            (nuint hash, BlockRef found) = _waiting[_taken++ % Ahead];
            BlockRef old = Latest(hash, found);
            long before = _chunkBytes;
            if (Copy(old) is { } copied)
            {
                _chunk[_chunkCount++] = new Moved(hash, old, copied, _chunkBytes - before);
            }
        }

        if (IsAllCopied || _chunkCount == ChunkEntries || _chunkBytes >= ChunkBytes)
        {
            _phase = Phase.FlushingChunk;
            Flush(index: null);
        }
    }

    // Prefetches the block of the next index entry if it is in a victim, and copies it later.
    private void Look()
    {
        if (_isThrough || !_entries.MoveNext())
        {
            _isThrough = true;
            return;
        }

        BlockRef root = new(_entries.Current.Value);
        HeapSegment? segment = _heap.View.Segment(root.Segment);
        if (root.IsList || segment is { IsVictim: true })
        {
            segment?.Prefetch(root);
            _waiting[_found++ % Ahead] = (_entries.Current.Key, root);
        }
    }

    private bool BeginPublishing()
    {
        _published = 0;
        _phase = Phase.Publishing;
        return true;
    }

    private void PublishNext()
    {
        if (_published < _chunkCount)
        {
            _credit -= LookCost;
            if (_published + Ahead < _chunkCount)
            {
                _index.Prefetch([_chunk[_published + Ahead].Hash]);
            }

            Moved moved = _chunk[_published++];
            if (!TryPublish(moved))
            {
                PublishAgain(moved.Hash);
            }
        }
        else if (IsAllCopied)
        {
            _phase = Phase.FlushingIndex;
        }
        else
        {
            BeginChunk();
        }
    }

    private bool End()
    {
        foreach (HeapSegment victim in _victims)
        {
            victim.IsVictim = false;
            if (!victim.IsDamaged)
            {
                _heap.GiveUp(victim);
            }
        }

        _victims.Clear();
        _phase = Phase.Idle;
        Passes++;
        return true;
    }
}
