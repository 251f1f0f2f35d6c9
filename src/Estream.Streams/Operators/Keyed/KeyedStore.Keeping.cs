using Estream.Map;

namespace Estream.Streams.Operators.Keyed;

// Layout of the map: entries under keys 0, 1, 2, …; progress and sources under negative keys.
internal sealed partial class KeyedStore<TKey, TCell>
{
    private const int WordsPerEntry = 5;
    private const int ProgressEntries = (int)ProgressKey.Count / WordsPerEntry;
    private const long FirstSourceKey = -16;

    // The maximum size of a batch of the map, and its overhead per value.
    private const long MostBatchBytes = 16L << 20;
    private const int EntryOverhead = 32;

    public bool IsHostCrashed => _map.HostCrashed;

    public bool IsMapEmpty => _map.Count == 0;

    public string Directory => _map.Directory ?? "in memory";

    /// <summary>Commits changed entries and sources in one step with the progress.</summary>
    public void Commit(Progress progress, KeyedSources sources)
    {
        foreach (int slot in _dirty.AsSpan(0, _dirtyCount))
        {
            if (_entries[slot].Number != 0)
            {
                _batch.Put(slot, in _entries[slot]);
            }
            else
            {
                _batch.Remove(slot);
            }
        }

        PutProgress(progress);
        foreach (int source in sources.Changed)
        {
            (long id, long newest) = sources[source];
            var entry = new Windowed<TKey, TCell> { From = id, To = newest };
            _batch.Put(FirstSourceKey - source, in entry);
        }

        _ = _batch.Commit();
        foreach (int slot in _dirty.AsSpan(0, _dirtyCount))
        {
            _isDirty[slot] = false;
        }

        _dirtyCount = 0;
        sources.Committed();
    }

    /// <summary>Removes all entries and sources, from memory and from the map.</summary>
    public void Clear(Progress progress, KeyedSources sources, long origin)
    {
        Forget();
        sources.Clear();
        progress.Clear(origin);
        _map.Clear();
    }

    /// <summary>Discards the state in memory and loads the state from the map.</summary>
    public void Load(Progress progress, KeyedSources sources)
    {
        Forget();
        sources.Clear();
        progress.Clear(0);
        List<int> slots = [];
        List<(int Index, long Source, long Newest)> found = [];
        foreach ((long key, Windowed<TKey, TCell> entry) in _map)
        {
            if (key >= 0)
            {
                slots.Add(Place(key, in entry));
            }
            else if (key > FirstSourceKey)
            {
                TakeProgress(progress, (int)(-1 - key), in entry);
            }
            else
            {
                found.Add(((int)(FirstSourceKey - key), entry.From, entry.To));
            }
        }

        foreach ((_, long source, long newest) in found.OrderBy(one => one.Index))
        {
            sources.Restore(source, newest);
        }

        Order(slots);
    }

    private void Forget()
    {
        _batch.Clear();
        _heads.Clear();
        _due.Clear();
        Array.Clear(_isDirty);
        (_dirtyCount, _used, Count, _free) = (0, 0, 0, None);
    }

    // The state may have been written with a higher limit. All of its entries are loaded, but no more are added.
    private int Place(long key, in Windowed<TKey, TCell> entry)
    {
        int slot = checked((int)key);
        while (slot >= _entries.Length)
        {
            Grow(_entries.Length * 2);
        }

        _entries[slot] = entry;
        return slot;
    }

    private void Order(List<int> slots)
    {
        slots.Sort();
        foreach (int slot in slots)
        {
            for (; _used < slot; _used++)
            {
                _older[_used] = _free;
                _free = _used;
            }

            _used = slot + 1;
        }

        // In order from oldest to newest, each entry becomes the newest of its key.
        slots.Sort((left, right) => (_entries[left].From, _entries[left].Number).CompareTo((_entries[right].From, _entries[right].Number)));
        foreach (int slot in slots)
        {
            Link(slot, None, NewestOf(in _entries[slot].Of));
            _due.Add(slot);
        }

        Count = slots.Count;
    }

    private void PutProgress(Progress progress)
    {
        ReadOnlySpan<long> words = progress.Words;
        for (int index = 0; index < ProgressEntries; index++)
        {
            ReadOnlySpan<long> five = words.Slice(index * WordsPerEntry, WordsPerEntry);
            var entry = new Windowed<TKey, TCell> { From = five[0], To = five[1], Due = five[2], Number = five[3], Fired = five[4] };
            _batch.Put(-1 - index, in entry);
        }
    }

    private static void TakeProgress(Progress progress, int index, in Windowed<TKey, TCell> entry)
    {
        if (index < ProgressEntries)
        {
            Span<long> five = progress.Words.Slice(index * WordsPerEntry, WordsPerEntry);
            (five[0], five[1], five[2], five[3], five[4]) = (entry.From, entry.To, entry.Due, entry.Number, entry.Fired);
        }
    }

    /// <summary>Slots in the order in which they are due: a binary heap with an index from slot to heap position.</summary>
    private sealed class DueHeap(KeyedStore<TKey, TCell> store)
    {
        private int[] _heap = [];
        private int[] _places = [];
        private int _count;

        public int First => _count == 0 ? None : _heap[0];

        public void Grow(int slots)
        {
            Array.Resize(ref _heap, slots);
            Array.Resize(ref _places, slots);
        }

        public void Clear() => _count = 0;

        public void Add(int slot)
        {
            Set(_count++, slot);
            Rise(_places[slot]);
        }

        public void Remove(int slot)
        {
            int place = _places[slot];
            int last = _heap[--_count];
            if (last != slot)
            {
                Set(place, last);
                Moved(last);
            }
        }

        public void Moved(int slot)
        {
            Rise(_places[slot]);
            Sink(_places[slot]);
        }

        private void Rise(int place)
        {
            int slot = _heap[place];
            for (int above; place > 0 && store.IsDueBefore(slot, _heap[above = (place - 1) / 2]); place = above)
            {
                Set(place, _heap[above]);
            }

            Set(place, slot);
        }

        private void Sink(int place)
        {
            int slot = _heap[place];
            for (int below; (below = (2 * place) + 1) < _count; place = below)
            {
                if (below + 1 < _count && store.IsDueBefore(_heap[below + 1], _heap[below]))
                {
                    below++;
                }

                if (!store.IsDueBefore(_heap[below], slot))
                {
                    break;
                }

                Set(place, _heap[below]);
            }

            Set(place, slot);
        }

        private void Set(int place, int slot)
        {
            _heap[place] = slot;
            _places[slot] = place;
        }
    }
}
