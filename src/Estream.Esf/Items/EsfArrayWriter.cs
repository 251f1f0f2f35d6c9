using System.Runtime.CompilerServices;

namespace Estream.Esf.Items;

/// <summary>Writes an array of single values. Begin it with the parent's <c>Begin…</c> method and end it with <c>End…</c>.</summary>
/// <typeparam name="T">The type of the items.</typeparam>
/// <typeparam name="TItem">The item writer.</typeparam>
public ref struct EsfArrayWriter<T, TItem> : IEsfNestedWriter<EsfArrayWriter<T, TItem>>
    where T : allows ref struct
    where TItem : struct, IEsfValueItem<T>
{
    private SequenceWriter _sequence;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private EsfArrayWriter(Span<byte> destination, int start) => _sequence = new SequenceWriter(destination, start);

    /// <summary>The number of bytes written so far.</summary>
    public readonly int Length => _sequence.Length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int IEsfNestedWriter<EsfArrayWriter<T, TItem>>.StartOf(scoped in EsfArrayWriter<T, TItem> writer) => writer._sequence.Start;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int IEsfNestedWriter<EsfArrayWriter<T, TItem>>.LengthOf(scoped in EsfArrayWriter<T, TItem> writer) => writer._sequence.Length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static EsfArrayWriter<T, TItem> IEsfNestedWriter<EsfArrayWriter<T, TItem>>.Begin(Span<byte> destination, int start) =>
        new(destination, start);

    /// <summary>Appends an item.</summary>
    /// <exception cref="ArgumentException">The item does not fit its type or the destination.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(scoped T item)
    {
        _sequence.Add<T, TItem>(item);
        _sequence.CountOne();
    }
}

/// <summary>Writes an array whose items are objects, arrays or maps, each with its own writer.</summary>
/// <typeparam name="TWriter">The writer of an item.</typeparam>
public ref struct EsfNestedArrayWriter<TWriter> : IEsfNestedWriter<EsfNestedArrayWriter<TWriter>>
    where TWriter : struct, IEsfNestedWriter<TWriter>, allows ref struct
{
    private SequenceWriter _sequence;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private EsfNestedArrayWriter(Span<byte> destination, int start) => _sequence = new SequenceWriter(destination, start);

    /// <summary>The number of bytes written so far.</summary>
    public readonly int Length => _sequence.Length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int IEsfNestedWriter<EsfNestedArrayWriter<TWriter>>.StartOf(scoped in EsfNestedArrayWriter<TWriter> writer) =>
        writer._sequence.Start;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int IEsfNestedWriter<EsfNestedArrayWriter<TWriter>>.LengthOf(scoped in EsfNestedArrayWriter<TWriter> writer) =>
        writer._sequence.Length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static EsfNestedArrayWriter<TWriter> IEsfNestedWriter<EsfNestedArrayWriter<TWriter>>.Begin(Span<byte> destination, int start) =>
        new(destination, start);

    /// <summary>Starts an item. Fill the writer, then pass it to <see cref="End"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TWriter Begin() => _sequence.BeginItem<TWriter>();

    /// <summary>Appends the item that the writer filled.</summary>
    /// <exception cref="InvalidOperationException">Another item was appended in between.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void End(scoped in TWriter item)
    {
        _sequence.EndItem(TWriter.StartOf(in item), TWriter.LengthOf(in item));
        _sequence.CountOne();
    }
}
