namespace Estream.Esf.Items;

/// <summary>
/// Writes a map of single values. Begin it with the parent's <c>Begin…</c>, end it with its <c>End…</c>. Keys must be
/// distinct; the writer does not look back, <see cref="EsfValidator"/> does.
/// </summary>
/// <typeparam name="TKey">Type of the keys.</typeparam>
/// <typeparam name="TKeyItem">How keys are written.</typeparam>
/// <typeparam name="TValue">Type of the values.</typeparam>
/// <typeparam name="TValueItem">How values are written.</typeparam>
public ref struct EsfMapWriter<TKey, TKeyItem, TValue, TValueItem> : IEsfNestedWriter<EsfMapWriter<TKey, TKeyItem, TValue, TValueItem>>
    where TKey : allows ref struct
    where TKeyItem : struct, IEsfValueItem<TKey>
    where TValue : allows ref struct
    where TValueItem : struct, IEsfValueItem<TValue>
{
    private SequenceWriter _sequence;

    private EsfMapWriter(Span<byte> destination, int start) => _sequence = new SequenceWriter(destination, start);

    /// <summary>Bytes written so far.</summary>
    public readonly int Length => _sequence.Length;

    static ulong IEsfNestedWriter<EsfMapWriter<TKey, TKeyItem, TValue, TValueItem>>.ReferenceTo(
        scoped in EsfMapWriter<TKey, TKeyItem, TValue, TValueItem> writer) => writer._sequence.Reference;

    static EsfMapWriter<TKey, TKeyItem, TValue, TValueItem> IEsfNestedWriter<EsfMapWriter<TKey, TKeyItem, TValue, TValueItem>>.Begin(
        Span<byte> destination, int start) => new(destination, start);

    /// <summary>Appends an entry.</summary>
    /// <exception cref="ArgumentException">Key or value does not fit its type or the destination.</exception>
    public void Add(scoped TKey key, scoped TValue value)
    {
        // Written on a copy: an entry whose value is refused leaves no key behind.
        SequenceWriter entry = _sequence;
        entry.Add<TKey, TKeyItem>(key);
        entry.Add<TValue, TValueItem>(value);
        entry.CountOne();
        _sequence = entry;
    }
}

/// <summary>Writes a map whose values are objects, arrays or maps, each by a writer of its own.</summary>
/// <typeparam name="TKey">Type of the keys.</typeparam>
/// <typeparam name="TKeyItem">How keys are written.</typeparam>
/// <typeparam name="TWriter">Writer of a value.</typeparam>
public ref struct EsfNestedMapWriter<TKey, TKeyItem, TWriter> : IEsfNestedWriter<EsfNestedMapWriter<TKey, TKeyItem, TWriter>>
    where TKey : allows ref struct
    where TKeyItem : struct, IEsfValueItem<TKey>
    where TWriter : struct, IEsfNestedWriter<TWriter>, allows ref struct
{
    private SequenceWriter _sequence;

    // With the key of the entry that Begin started: it joins the map in End, so a value that is given up leaves no key behind.
    private SequenceWriter _begun;

    private EsfNestedMapWriter(Span<byte> destination, int start) => _sequence = new SequenceWriter(destination, start);

    /// <summary>Bytes written so far.</summary>
    public readonly int Length => _sequence.Length;

    static ulong IEsfNestedWriter<EsfNestedMapWriter<TKey, TKeyItem, TWriter>>.ReferenceTo(
        scoped in EsfNestedMapWriter<TKey, TKeyItem, TWriter> writer) => writer._sequence.Reference;

    static EsfNestedMapWriter<TKey, TKeyItem, TWriter> IEsfNestedWriter<EsfNestedMapWriter<TKey, TKeyItem, TWriter>>.Begin(
        Span<byte> destination, int start) => new(destination, start);

    /// <summary>Appends a key and starts its value: fill the writer, then hand it to <see cref="End"/>.</summary>
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
    /// <exception cref="InvalidOperationException">Something else was appended in between.</exception>
    public void End(scoped in TWriter value)
    {
        SequenceWriter entry = _begun;
        entry.EndItem(TWriter.ReferenceTo(in value));
        entry.CountOne();
        _sequence = entry;
        _begun = default;
    }
}
