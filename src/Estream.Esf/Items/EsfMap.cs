using System.Runtime.CompilerServices;
using Estream.Esf.Internal;

namespace Estream.Esf.Items;

/// <summary>One entry of a map field.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public readonly ref struct EsfMapEntry<TKey, TValue>
    where TKey : allows ref struct
    where TValue : allows ref struct
{
    internal EsfMapEntry(TKey key, TValue value)
    {
        Key = key;
        Value = value;
    }

    /// <summary>The key.</summary>
    public TKey Key { get; }

    /// <summary>The value.</summary>
    public TValue Value { get; }
}

/// <summary>The entries of a map field, read in place, in the order in which they were written. An absent map has no entries.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TKeyItem">The reader and writer of keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <typeparam name="TValueItem">The reader of values.</typeparam>
public readonly ref struct EsfMap<TKey, TKeyItem, TValue, TValueItem> : IEsfItem<EsfMap<TKey, TKeyItem, TValue, TValueItem>>
    where TKey : allows ref struct
    where TKeyItem : struct, IEsfValueItem<TKey>
    where TValue : allows ref struct
    where TValueItem : struct, IEsfItem<TValue>, allows ref struct
{
    private readonly ReadOnlySpan<byte> _region;

    /// <summary>Creates a map over its region of the message.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public EsfMap(ReadOnlySpan<byte> region) => _region = region;

    static int IEsfItem<EsfMap<TKey, TKeyItem, TValue, TValueItem>>.Size => 0;

    /// <summary>The number of entries.</summary>
    /// <exception cref="Core.EstreamCorruptionException">The region is too short for the number of entries that it declares.</exception>
    public int Count => ItemReader.CountOf(_region, MinSize(TKeyItem.Size) + MinSize(TValueItem.Size));

    static EsfMap<TKey, TKeyItem, TValue, TValueItem> IEsfItem<EsfMap<TKey, TKeyItem, TValue, TValueItem>>.Read(ReadOnlySpan<byte> item) =>
        new(item);

    /// <summary>Finds the value of a key by linear search.</summary>
    public bool TryGetValue(scoped TKey key, out TValue value)
    {
        int count = Count;
        ItemReader items = new(_region, 0);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> candidate = items.Next(TKeyItem.Size);
            ReadOnlySpan<byte> item = items.Next(TValueItem.Size);
            if (TKeyItem.Holds(candidate, key))
            {
                value = TValueItem.Read(item);
                return true;
            }
        }

        value = default!;
        return false;
    }

    /// <summary>Enumerates the entries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Enumerator GetEnumerator() => new(_region, Count);

    private static int MinSize(int size) => size == 0 ? SequenceWalker.PrefixSize : size;

    /// <summary>Enumerates the entries of a map.</summary>
    public ref struct Enumerator
    {
        private ItemReader _items;
        private ReadOnlySpan<byte> _key;
        private ReadOnlySpan<byte> _value;
        private int _left;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal Enumerator(ReadOnlySpan<byte> region, int count)
        {
            _items = new ItemReader(region, 0);
            _left = count;
        }

        /// <summary>The current entry.</summary>
        public readonly EsfMapEntry<TKey, TValue> Current => new(TKeyItem.Read(_key), TValueItem.Read(_value));

        /// <summary>Moves to the next entry.</summary>
        /// <exception cref="Core.EstreamCorruptionException">The region ends inside the entry.</exception>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext()
        {
            if (_left == 0)
            {
                return false;
            }

            _left--;
            _key = _items.Next(TKeyItem.Size);
            _value = _items.Next(TValueItem.Size);
            return true;
        }
    }
}
