namespace Estream.Esf.Items;

/// <summary>
/// Writes a map of single values. Begin it with the parent's <c>Begin…</c> method and end it with <c>End…</c>. Keys must be
/// distinct. The writer does not check this; <see cref="EsfValidator"/> does.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TKeyItem">The writer of keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <typeparam name="TValueItem">The writer of values.</typeparam>
public ref struct EsfMapWriter<TKey, TKeyItem, TValue, TValueItem> : IEsfNestedWriter<EsfMapWriter<TKey, TKeyItem, TValue, TValueItem>>
    where TKey : allows ref struct
    where TKeyItem : struct, IEsfValueItem<TKey>
    where TValue : allows ref struct
    where TValueItem : struct, IEsfValueItem<TValue>
{
    private SequenceWriter _sequence;

    private EsfMapWriter(Span<byte> destination, int start) => _sequence = new SequenceWriter(destination, start);

    /// <summary>The number of bytes written so far.</summary>
    public readonly int Length => _sequence.Length;

    static int IEsfNestedWriter<EsfMapWriter<TKey, TKeyItem, TValue, TValueItem>>.StartOf(
        scoped in EsfMapWriter<TKey, TKeyItem, TValue, TValueItem> writer) => writer._sequence.Start;

    static int IEsfNestedWriter<EsfMapWriter<TKey, TKeyItem, TValue, TValueItem>>.LengthOf(
        scoped in EsfMapWriter<TKey, TKeyItem, TValue, TValueItem> writer) => writer._sequence.Length;

    static EsfMapWriter<TKey, TKeyItem, TValue, TValueItem> IEsfNestedWriter<EsfMapWriter<TKey, TKeyItem, TValue, TValueItem>>.Begin(
        Span<byte> destination, int start) => new(destination, start);

    /// <summary>Appends an entry.</summary>
    /// <exception cref="ArgumentException">The key or value does not fit its type or the destination.</exception>
    public void Add(scoped TKey key, scoped TValue value)
    {
        // Works on a copy, so that an entry whose value is rejected leaves no key in the map.
        SequenceWriter entry = _sequence;
        entry.Add<TKey, TKeyItem>(key);
        entry.Add<TValue, TValueItem>(value);
        entry.CountOne();
        _sequence = entry;
    }
}

/// <summary>Writes a map whose values are objects, arrays or maps, each with its own writer.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TKeyItem">The writer of keys.</typeparam>
/// <typeparam name="TWriter">The writer of a value.</typeparam>
public ref struct EsfNestedMapWriter<TKey, TKeyItem, TWriter> : IEsfNestedWriter<EsfNestedMapWriter<TKey, TKeyItem, TWriter>>
    where TKey : allows ref struct
    where TKeyItem : struct, IEsfValueItem<TKey>
    where TWriter : struct, IEsfNestedWriter<TWriter>, allows ref struct
{
    private SequenceWriter _sequence;

    // Includes the key of the entry that Begin started. End adds the entry to the map, so an abandoned value leaves no key.
    private SequenceWriter _begun;

    private EsfNestedMapWriter(Span<byte> destination, int start) => _sequence = new SequenceWriter(destination, start);

    /// <summary>The number of bytes written so far.</summary>
    public readonly int Length => _sequence.Length;

    static int IEsfNestedWriter<EsfNestedMapWriter<TKey, TKeyItem, TWriter>>.StartOf(
        scoped in EsfNestedMapWriter<TKey, TKeyItem, TWriter> writer) => writer._sequence.Start;

    static int IEsfNestedWriter<EsfNestedMapWriter<TKey, TKeyItem, TWriter>>.LengthOf(
        scoped in EsfNestedMapWriter<TKey, TKeyItem, TWriter> writer) => writer._sequence.Length;

    static EsfNestedMapWriter<TKey, TKeyItem, TWriter> IEsfNestedWriter<EsfNestedMapWriter<TKey, TKeyItem, TWriter>>.Begin(
        Span<byte> destination, int start) => new(destination, start);

    /// <summary>Appends a key and starts its value. Fill the writer, then pass it to <see cref="End"/>.</summary>
    /// <exception cref="ArgumentException">The key does not fit its type or the destination.</exception>
    public TWriter Begin(scoped TKey key)
    {
        SequenceWriter entry = _sequence;
        entry.Add<TKey, TKeyItem>(key);
        TWriter value = entry.BeginItem<TWriter>();
        _begun = entry;
        return value;
    }

    /// <summary>Appends the value that the writer filled.</summary>
    /// <exception cref="InvalidOperationException">Another entry was appended in between.</exception>
    public void End(scoped in TWriter value)
    {
        SequenceWriter entry = _begun;
        entry.EndItem(TWriter.StartOf(in value), TWriter.LengthOf(in value));
        entry.CountOne();
        _sequence = entry;
        _begun = default;
    }
}
