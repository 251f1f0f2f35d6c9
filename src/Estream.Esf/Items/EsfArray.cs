using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Esf.Internal;

namespace Estream.Esf.Items;

/// <summary>The items of an array field, read in place. An absent array has no items.</summary>
/// <typeparam name="T">The type of the items.</typeparam>
/// <typeparam name="TItem">The item reader.</typeparam>
public readonly ref struct EsfArray<T, TItem> : IEsfItem<EsfArray<T, TItem>>
    where T : allows ref struct
    where TItem : struct, IEsfItem<T>, allows ref struct
{
    private readonly ReadOnlySpan<byte> _region;

    /// <summary>Creates an array over its region of the message.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public EsfArray(ReadOnlySpan<byte> region) => _region = region;

    static int IEsfItem<EsfArray<T, TItem>>.Size => 0;

    /// <summary>The number of items.</summary>
    /// <exception cref="Core.EstreamCorruptionException">The region is too short for the number of items that it declares.</exception>
    public int Count => ItemReader.CountOf(_region, TItem.Size == 0 ? SequenceWalker.PrefixSize : TItem.Size);

    /// <summary>Returns the item at an index. Takes constant time for items of fixed size, otherwise time proportional to the
    /// index.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is outside the array.</exception>
    public T this[int index]
    {
        get
        {
            int count = Count;
            if ((uint)index >= (uint)count)
            {
                ThrowHelper.ThrowIndex(index, count);
            }

            ItemReader items = new(_region, TItem.Size != 0 ? index * TItem.Size : 0);
            for (int i = 0; i < index && TItem.Size == 0; i++)
            {
                items.Next(0);
            }

            return TItem.Read(items.Next(TItem.Size));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static EsfArray<T, TItem> IEsfItem<EsfArray<T, TItem>>.Read(ReadOnlySpan<byte> item) => new(item);

    /// <summary>Enumerates the items.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Enumerator GetEnumerator() => new(_region, Count);

    /// <summary>Enumerates the items of an array.</summary>
    public ref struct Enumerator
    {
        // For items of fixed size, this span contains exactly the remaining items, so that one check per item is enough.
        private ReadOnlySpan<byte> _rest;
        private ReadOnlySpan<byte> _current;
        private int _left;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal Enumerator(ReadOnlySpan<byte> region, int count)
        {
            _rest = count == 0 ? default
                : TItem.Size == 0 ? region.Slice(SequenceWalker.PrefixSize)
                : region.Slice(SequenceWalker.PrefixSize, count * TItem.Size);
            _left = count;
        }

        /// <summary>The current item.</summary>
        public readonly T Current
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => TItem.Read(_current);
        }

        /// <summary>Moves to the next item.</summary>
        /// <exception cref="Core.EstreamCorruptionException">The region ends inside the item.</exception>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext()
        {
            if (TItem.Size == 0)
            {
                return MoveBehindLength();
            }

            if (_rest.Length < TItem.Size)
            {
                return false;
            }

            _current = _rest.Slice(0, TItem.Size);
            _rest = _rest.Slice(TItem.Size);
            return true;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private bool MoveBehindLength()
        {
            if (_left == 0)
            {
                return false;
            }

            _left--;
            if (_rest.Length < SequenceWalker.PrefixSize)
            {
                ThrowHelper.ThrowCorrupt("An array or map");
            }

            int length = SpanValue.Read<int>(_rest, 0);
            ReadOnlySpan<byte> behind = _rest.Slice(SequenceWalker.PrefixSize);
            if ((uint)length > (uint)behind.Length)
            {
                ThrowHelper.ThrowCorrupt("An array or map");
            }

            _current = behind.Slice(0, length);
            _rest = behind.Slice(length);
            return true;
        }
    }
}
