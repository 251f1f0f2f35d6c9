using Estream.Core;
using Estream.Map;

namespace Estream.Streams.Operators.Keyed;

/// <summary>
/// The entries of an operator, by key and by due time; the entries of a key form a list from the newest to the oldest. Entries are in
/// memory; changes are committed to a map in one batch together with the progress, so the map always reflects the state after some event.
/// </summary>
/// <remarks>Not thread-safe: use it on one thread. Allocates only when it grows.</remarks>
internal sealed partial class KeyedStore<TKey, TCell> : IDisposable
    where TKey : unmanaged
    where TCell : unmanaged
{
    public const int None = -1;

    private const int InitialSlots = 256;

    private readonly StateMap<long, Windowed<TKey, TCell>> _map;
    private readonly MapBatch<long, Windowed<TKey, TCell>> _batch;
    private readonly StateMap<TKey, int> _heads = StateMap.CreateInMemory<TKey, int>();
    private readonly DueHeap _due;
    private readonly int _limit;
    private readonly int _reserve;
    private readonly int[] _dirty;
    private Windowed<TKey, TCell>[] _entries = [];
    private int[] _newer = [];
    private int[] _older = [];
    private bool[] _isDirty = [];
    private int _dirtyCount;
    private int _used;
    private int _free = None;

    /// <param name="map">Stores entries and progress.</param>
    /// <param name="limit">The maximum number of entries.</param>
    /// <param name="reserve">The maximum number of entries that one event changes.</param>
    /// <param name="sources">The maximum number of event sources stored with the entries.</param>
    public KeyedStore(StateMap<long, Windowed<TKey, TCell>> map, int limit, int reserve, int sources)
    {
        _map = map;
        _limit = limit;
        _reserve = reserve;
        int capacity = BatchCapacity(reserve, sources);
        _dirty = new int[capacity - ProgressEntries - sources];
        _batch = map.CreateBatch(capacity);
        _due = new DueHeap(this);
        Grow(InitialSlots);
    }

    /// <summary>The number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>True if changes must be committed before another event.</summary>
    public bool IsNearlyFull => _dirtyCount > _dirty.Length - _reserve;

    public ref Windowed<TKey, TCell> this[int slot] => ref _entries[slot];

    /// <summary>Returns the slot of the newest entry of a key.</summary>
    public int NewestOf(in TKey key) => _heads.TryGet(in key, out int slot) ? slot : None;

    /// <summary>Returns the slot of the next older entry of the same key.</summary>
    public int OlderThan(int slot) => _older[slot];

    /// <summary>Inserts an entry in the list of its key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="start">The time of the entry, by which the list is sorted.</param>
    /// <param name="end">The end of its window.</param>
    /// <param name="due">The time at which the entry is due.</param>
    /// <param name="newer">The slot of the next newer entry of the key, or <see cref="None"/>.</param>
    /// <param name="progress">Counts the entries.</param>
    /// <exception cref="EstreamStorageException">The maximum number of entries is reached.</exception>
    public int Insert(in TKey key, long start, long end, long due, int newer, Progress progress)
    {
        int slot = TakeSlot();
        _entries[slot] = new Windowed<TKey, TCell>
        {
            Of = key,
            From = start,
            To = end,
            Due = due,
            Number = ++progress[ProgressKey.Numbers],
        };
        Link(slot, newer, newer == None ? NewestOf(in key) : _older[newer]);
        _due.Add(slot);
        Count++;
        Touch(slot);
        return slot;
    }

    /// <summary>Marks an entry as changed, except for its due time.</summary>
    public void Touch(int slot)
    {
        if (!_isDirty[slot])
        {
            _isDirty[slot] = true;
            _dirty[_dirtyCount++] = slot;
        }
    }

    /// <summary>Changes the due time of an entry.</summary>
    public void SetDue(int slot, long due)
    {
        if (_entries[slot].Due != due)
        {
            _entries[slot].Due = due;
            _due.Moved(slot);
            Touch(slot);
        }
    }

    public void Remove(int slot)
    {
        _due.Remove(slot);
        Unlink(slot);
        _entries[slot].Number = 0;
        Touch(slot);
        _older[slot] = _free;
        _free = slot;
        Count--;
    }

    /// <summary>Gets the entry that is due first, if it is due by a time. Among entries due at the same time, the oldest entry is
    /// first.</summary>
    public bool TryFirstDue(long time, out int slot)
    {
        slot = _due.First;
        return slot != None && _entries[slot].Due <= time;
    }

    public void Dispose()
    {
        _batch.Dispose();
        _heads.Dispose();
    }

    internal bool IsDueBefore(int left, int right)
    {
        ref Windowed<TKey, TCell> one = ref _entries[left];
        ref Windowed<TKey, TCell> other = ref _entries[right];
        return one.Due < other.Due || (one.Due == other.Due && one.Number < other.Number);
    }

    private static int BatchCapacity(int reserve, int sources)
    {
        int capacity = (int)Math.Min(StateMap.MaxBatchKeys, MostBatchBytes / (RawValue.SizeOf<Windowed<TKey, TCell>>() + EntryOverhead));
        int least = ProgressEntries + sources + (2 * reserve);
        return capacity >= least
            ? capacity
            : throw new ArgumentException(
                $"An entry has {RawValue.SizeOf<Windowed<TKey, TCell>>()} bytes, so {capacity} fit in a batch of the map, but {least} may "
                + "change at once. Use a smaller state, or fewer overlapping windows.");
    }

    private int TakeSlot()
    {
        if (_free != None)
        {
            int slot = _free;
            _free = _older[slot];
            return slot;
        }

        if (_used >= _limit)
        {
            throw new EstreamStorageException(
                $"The limit of {_limit} windows, events or raised keys in the map '{_map.Directory ?? "in memory"}' is reached. "
                + "Nothing is lost. "
                + "Open the pipeline again with a higher limit, or let the watermark advance (a source or a side may be silent).",
                    _map.Directory, StorageFailure.Other);
        }

        if (_used == _entries.Length)
        {
            Grow(Math.Min(_limit, _entries.Length * 2));
        }

        return _used++;
    }

    private void Grow(int slots)
    {
        Array.Resize(ref _entries, slots);
        Array.Resize(ref _newer, slots);
        Array.Resize(ref _older, slots);
        Array.Resize(ref _isDirty, slots);
        _due.Grow(slots);
    }

    private void Link(int slot, int newer, int older)
    {
        _newer[slot] = newer;
        _older[slot] = older;
        if (older != None)
        {
            _newer[older] = slot;
        }

        if (newer != None)
        {
            _older[newer] = slot;
        }
        else
        {
            _heads.Put(in _entries[slot].Of, in slot);
        }
    }

    private void Unlink(int slot)
    {
        (int newer, int older) = (_newer[slot], _older[slot]);
        if (older != None)
        {
            _newer[older] = newer;
        }

        if (newer != None)
        {
            _older[newer] = older;
        }
        else if (older != None)
        {
            _heads.Put(in _entries[slot].Of, in older);
        }
        else
        {
            _heads.Remove(in _entries[slot].Of);
        }
    }
}
