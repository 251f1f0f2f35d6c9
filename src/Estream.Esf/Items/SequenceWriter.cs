using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Esf.Internal;

namespace Estream.Esf.Items;

/// <summary>Appends items to a region and updates its count. Shared by the array and map writers.</summary>
internal ref struct SequenceWriter
{
    private readonly Span<byte> _destination;
    private uint _count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SequenceWriter(Span<byte> destination, int start)
    {
        if (destination.Length < SequenceWalker.PrefixSize)
        {
            ThrowHelper.ThrowDestinationTooSmall(destination.Length, SequenceWalker.PrefixSize);
        }

        _destination = destination;
        Start = start;
        Length = SequenceWalker.PrefixSize;
        SpanValue.Write(destination, 0, 0U);
    }

    public int Length { get; private set; }

    public int Start { get; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add<T, TItem>(scoped T value)
        where T : allows ref struct
        where TItem : struct, IEsfValueItem<T>
    {
        if (TItem.Size != 0)
        {
            Length += TItem.Write(value, Reserve(TItem.Size));
            return;
        }

        int at = Length + SequenceWalker.PrefixSize;
        if ((uint)at > (uint)_destination.Length)
        {
            ThrowHelper.ThrowNoRoom("An item", SequenceWalker.PrefixSize, _destination.Length - Length);
        }

        int length = TItem.Write(value, _destination.Slice(at));
        SpanValue.Write(_destination, Length, length);
        Length = at + length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TWriter BeginItem<TWriter>()
        where TWriter : struct, IEsfNestedWriter<TWriter>, allows ref struct
    {
        int start = Length + SequenceWalker.PrefixSize;
        if ((uint)start > (uint)_destination.Length)
        {
            ThrowHelper.ThrowNoRoom("An item", SequenceWalker.PrefixSize, _destination.Length - Length);
        }

        return TWriter.Begin(_destination.Slice(start), start);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndItem(int start, int length)
    {
        if (start != Length + SequenceWalker.PrefixSize)
        {
            ThrowHelper.ThrowNestedOutOfTurn("An item");
        }

        SpanValue.Write(_destination, Length, length);
        Length += SequenceWalker.PrefixSize + length;
    }

    /// <summary>Counts the bytes added since the last call as one item.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CountOne() => SpanValue.Write(_destination, 0, ++_count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly Span<byte> Reserve(int bytes)
    {
        if (_destination.Length - Length < bytes)
        {
            ThrowHelper.ThrowNoRoom("An item", bytes, _destination.Length - Length);
        }

        return _destination.Slice(Length, bytes);
    }
}
