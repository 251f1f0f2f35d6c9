using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Esf.Internal;

namespace Estream.Esf.Items;

/// <summary>Appends items to a region and keeps its count: the common part of the array and map writers.</summary>
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
        BinaryPrimitives.WriteUInt32LittleEndian(destination, 0);
    }

    public int Start { get; }

    public int Length { get; private set; }

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

        Span<byte> prefix = Reserve(SequenceWalker.PrefixSize);
        int length = TItem.Write(value, _destination[(Length + SequenceWalker.PrefixSize)..]);
        BinaryPrimitives.WriteInt32LittleEndian(prefix, length);
        Length += SequenceWalker.PrefixSize + length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TWriter BeginItem<TWriter>()
        where TWriter : struct, IEsfNestedWriter<TWriter>, allows ref struct
    {
        Reserve(SequenceWalker.PrefixSize);
        int start = Length + SequenceWalker.PrefixSize;
        return TWriter.Begin(_destination[start..], start);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndItem(int start, int length)
    {
        if (start != Length + SequenceWalker.PrefixSize)
        {
            ThrowHelper.ThrowNestedOutOfTurn("An item");
        }

        BinaryPrimitives.WriteInt32LittleEndian(_destination[Length..], length);
        Length += SequenceWalker.PrefixSize + length;
    }

    /// <summary>Makes what was added since the last call an item.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CountOne() => BinaryPrimitives.WriteUInt32LittleEndian(_destination, ++_count);

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
