using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>The requirements and changes of a batch, once for each key, and the state of its entries in the table. The derived type defines
/// the requirements.</summary>
internal abstract class BatchPlan<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly KeyHash _hash;
    private readonly TKey[] _keys;
    private readonly EntryOutcome[] _asked;
    private readonly EntryOutcome[] _outcomes;
    private readonly EntryPlace[] _places;
    private readonly ulong[] _hashes;
    private readonly int[] _order;

    // A hash table with open addressing by the lowest bits of the hash. A slot holds the index of an entry plus one.
    private readonly int[] _index;

    protected BatchPlan(int capacity, ulong hashSeed)
    {
        Capacity = capacity;
        _hash = new KeyHash(hashSeed);
        _keys = new TKey[capacity];
        _asked = new EntryOutcome[capacity];
        _outcomes = new EntryOutcome[capacity];
        _places = new EntryPlace[capacity];
        _hashes = new ulong[capacity];
        _order = new int[capacity];
        _index = new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity * 2)];
        Values = Cell<TValue>.Make(capacity);
    }

    public int Capacity { get; }

    public int Count { get; private set; }

    /// <summary>The number of entries that the batch adds, without deducting its removals.</summary>
    public long Added { get; private set; }

    protected Cell<TValue>[] Values { get; }

    public ref readonly TKey KeyOf(int index) => ref _keys[index];

    public ref readonly TValue ValueOf(int index) => ref Values[index].Value;

    /// <summary>The effective operation on an entry, as <see cref="Examine"/> determined.</summary>
    public EntryOutcome OutcomeOf(int index) => _outcomes[index];

    /// <summary>The change of the map's entry count by one entry of the batch: 1, 0 or -1.</summary>
    public int AddedBy(int index) => _outcomes[index] switch
    {
        EntryOutcome.Keep => 0,
        EntryOutcome.Put => _places[index].IsThere ? 0 : 1,
        _ => -1,
    };

    public long StripeOf(int index) => _places[index].Stripe;

    public void Clear()
    {
        Count = 0;
        Array.Clear(_index);
    }

    /// <summary>Sorts the keys by hash, which is the order of their stripes in any table of the map.</summary>
    public void Sort()
    {
        for (int index = 0; index < Count; index++)
        {
            _hashes[index] = _hash.Of(in _keys[index]);
            _order[index] = index;
        }

        _hashes.AsSpan(0, Count).Sort(_order.AsSpan(0, Count));
    }

    /// <summary>Whether the key at a position of the sorted order is the first key of its stripe. Also returns the stripe.</summary>
    public bool IsNewStripe(Table<TKey, TValue> table, int place, out long stripe)
    {
        stripe = table.StripeOfHash(_hashes[place]);
        return place == 0 || table.StripeOfHash(_hashes[place - 1]) != stripe;
    }

    /// <summary>Checks the requirements and determines the effective operations. The caller has the exclusive right to change the
    /// stripes.</summary>
    /// <param name="table">The table that holds all keys.</param>
    /// <param name="stripeRoom">The maximum number of entries of a stripe.</param>
    /// <param name="versionFloor">New versions are above this.</param>
    public BatchVerdict Examine(Table<TKey, TValue> table, long stripeRoom, long versionFloor)
    {
        bool hasRoom = true;
        long entries = 0;
        long version = 0;
        Added = 0;
        for (int place = 0; place < Count; place++)
        {
            int index = _order[place];
            if (IsNewStripe(table, place, out long stripe))
            {
                entries = table.EntriesOf(stripe);
                version = Math.Max(table.VersionOf(stripe), versionFloor);
            }

            if (!TryDecide(table, index, ref version))
            {
                return BatchVerdict.IsUnmet;
            }

            if (AddedBy(index) > 0)
            {
                Added++;
                hasRoom &= ++entries <= stripeRoom;
            }
        }

        return hasRoom ? BatchVerdict.IsReady : BatchVerdict.HasNoRoom;
    }

    /// <summary>Applies all changes, in the order in which keys were added. The caller has the exclusive right to change the stripes, and
    /// there is room for the new entries.</summary>
    public void Apply(Table<TKey, TValue> table, bool isJournaled)
    {
        for (int index = 0; index < Count; index++)
        {
            table.Change(in _places[index], in _keys[index], _outcomes[index], in Values[index].Value, isJournaled);
        }

        GC.KeepAlive(table);
    }

    /// <summary>Records the new versions in the stripes, before any entry has its version.</summary>
    public abstract void UseVersions(Table<TKey, TValue> table);

    /// <summary>Returns the index of the entry of a key, and adds the entry if it is missing. A new entry requires nothing and changes
    /// nothing.</summary>
    protected int EntryOf(in TKey key)
    {
        int mask = _index.Length - 1;
        int at = (int)_hash.Of(in key) & mask;
        for (; _index[at] != 0; at = (at + 1) & mask)
        {
            if (RawValue.AreEqual(in _keys[_index[at] - 1], in key))
            {
                return _index[at] - 1;
            }
        }

        if (Count == Capacity)
        {
            throw new InvalidOperationException(
                $"The batch has a capacity of {Capacity} keys. Create a larger batch, or split changes that need not be atomic.");
        }

        int index = Count++;
        _index[at] = index + 1;
        _keys[index] = key;
        _asked[index] = EntryOutcome.Keep;
        Begin(index);
        return index;
    }

    protected void Ask(int index, EntryOutcome outcome) => _asked[index] = outcome;

    /// <summary>Resets the requirements of a new entry.</summary>
    protected abstract void Begin(int index);

    /// <summary>Checks the requirements of an entry, and determines the effective operation if it differs from the requested one.</summary>
    /// <param name="index">The entry.</param>
    /// <param name="isThere">Whether the map has the key.</param>
    /// <param name="value">The value of the key, or the default.</param>
    /// <param name="version">The last version used in the stripe. Raised with each new version.</param>
    /// <param name="outcome">The requested operation; becomes the effective one.</param>
    protected abstract bool TryDecide(int index, bool isThere, ref readonly TValue value, ref long version, ref EntryOutcome outcome);

    private bool TryDecide(Table<TKey, TValue> table, int index, ref long version)
    {
        EntryPlace place = table.Locate(in _keys[index]);
        EntryOutcome outcome = _asked[index];
        TValue nothing = default;
        ref readonly TValue value = ref place.IsThere ? ref table.ValueAt(place.Bucket, place.Slot) : ref nothing;
        bool isMet = TryDecide(index, place.IsThere, in value, ref version, ref outcome);
        _places[index] = place;
        _outcomes[index] = outcome == EntryOutcome.Put || place.IsThere ? outcome : EntryOutcome.Keep;
        return isMet;
    }
}

/// <summary>Whether a batch can be committed.</summary>
internal enum BatchVerdict
{
    IsReady,

    /// <summary>A requirement is not met.</summary>
    IsUnmet,

    /// <summary>A stripe is full: the map has to grow.</summary>
    HasNoRoom,
}

/// <summary>Holds one value of any size, because the elements of an array must be smaller than 64 KiB.</summary>
internal sealed class Cell<TValue>
    where TValue : unmanaged
{
    public TValue Value;

    public static Cell<TValue>[] Make(int count)
    {
        var cells = new Cell<TValue>[count];
        for (int index = 0; index < count; index++)
        {
            cells[index] = new Cell<TValue>();
        }

        return cells;
    }
}
