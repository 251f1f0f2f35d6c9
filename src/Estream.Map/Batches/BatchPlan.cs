using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>What a batch requires and changes, a key once, and what was found of it in the table where it is going to be made. What may be
/// required is the derived type's.</summary>
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

    // Where the entry of a key is, plus one; by the lowest bits of its hash and then onwards.
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

    /// <summary>How many entries the map has more behind it, those that go not taken off.</summary>
    public long Added { get; private set; }

    protected Cell<TValue>[] Values { get; }

    public ref readonly TKey KeyOf(int index) => ref _keys[index];

    public ref readonly TValue ValueOf(int index) => ref Values[index].Value;

    /// <summary>What becomes of an entry, as <see cref="Examine"/> found.</summary>
    public EntryOutcome OutcomeOf(int index) => _outcomes[index];

    /// <summary>By how many entries the map grows by this one: 1, 0 or -1.</summary>
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

    /// <summary>Brings the keys into the order of their hashes, which is that of their stripes in any table of the map.</summary>
    public void Sort()
    {
        for (int index = 0; index < Count; index++)
        {
            _hashes[index] = _hash.Of(in _keys[index]);
            _order[index] = index;
        }

        _hashes.AsSpan(0, Count).Sort(_order.AsSpan(0, Count));
    }

    /// <summary>The stripe of the key that comes at this place in order; once, of several keys of one stripe at the first.</summary>
    public bool IsNewStripe(Table<TKey, TValue> table, int place, out long stripe)
    {
        stripe = table.StripeOfHash(_hashes[place]);
        return place == 0 || table.StripeOfHash(_hashes[place - 1]) != stripe;
    }

    /// <summary>Looks at what is there, by who alone may change it.</summary>
    /// <param name="table">Where it is, all of it.</param>
    /// <param name="stripeRoom">How many entries a stripe may have.</param>
    /// <param name="versionFloor">No version up to this one is given.</param>
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

    /// <summary>Makes all changes, in the order they were given, and by who alone may. There is room.</summary>
    public void Apply(Table<TKey, TValue> table, bool isJournaled)
    {
        for (int index = 0; index < Count; index++)
        {
            table.Change(in _places[index], in _keys[index], _outcomes[index], in Values[index].Value, isJournaled);
        }

        GC.KeepAlive(table);
    }

    /// <summary>Notes the versions that entries are going to get, before any of them has it.</summary>
    public abstract void UseVersions(Table<TKey, TValue> table);

    /// <summary>The entry of a key, which is made if there is none: it requires nothing and changes nothing.</summary>
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
            throw new InvalidOperationException($"The batch was made for {Capacity} keys. Make a larger one, or divide what need not happen together.");
        }

        int index = Count++;
        _index[at] = index + 1;
        _keys[index] = key;
        _asked[index] = EntryOutcome.Keep;
        Begin(index);
        return index;
    }

    protected void Ask(int index, EntryOutcome outcome) => _asked[index] = outcome;

    /// <summary>A new entry requires nothing.</summary>
    protected abstract void Begin(int index);

    /// <summary>Whether what is required is so; and what really becomes of the entry, where that is not what was asked.</summary>
    /// <param name="index">The entry.</param>
    /// <param name="isThere">Whether the key is there.</param>
    /// <param name="value">Its value.</param>
    /// <param name="version">The last version given in the stripe. Raised when another one is.</param>
    /// <param name="outcome">What was asked.</param>
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

/// <summary>What stands in the way of a batch.</summary>
internal enum BatchVerdict
{
    IsReady,

    /// <summary>Something that it requires is not so.</summary>
    IsUnmet,

    /// <summary>A stripe is full: the map has to move.</summary>
    HasNoRoom,
}
