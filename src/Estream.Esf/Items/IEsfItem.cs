namespace Estream.Esf.Items;

/// <summary>How the items of an array, or the keys or values of a map, are read.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
public interface IEsfItem<T>
    where T : allows ref struct
{
    /// <summary>Bytes of an item in place; 0 when items vary in size.</summary>
    static abstract int Size { get; }

    /// <summary>Reads the value of an item.</summary>
    static abstract T Read(ReadOnlySpan<byte> item);
}

/// <summary>How items are read and written as single values.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
public interface IEsfValueItem<T> : IEsfItem<T>
    where T : allows ref struct
{
    /// <summary>Writes a value; returns the bytes it takes.</summary>
    /// <exception cref="ArgumentException">The value does not fit its type or the destination.</exception>
    static abstract int Write(T value, Span<byte> destination);

    /// <summary>Whether an item holds a value.</summary>
    static abstract bool Holds(ReadOnlySpan<byte> item, T value);
}

/// <summary>A writer that fills a region of its own inside a message: an object, an array, a map.</summary>
/// <typeparam name="TSelf">The writer itself.</typeparam>
public interface IEsfNestedWriter<TSelf>
    where TSelf : IEsfNestedWriter<TSelf>, allows ref struct
{
    /// <summary>Starts a writer.</summary>
    /// <param name="destination">Where it may write.</param>
    /// <param name="start">Where that begins in the parent.</param>
    static abstract TSelf Begin(Span<byte> destination, int start);

    /// <summary>The reference to what a writer wrote: where it began in the parent, and how much it is.</summary>
    /// <remarks>Static, because a call on a writer that is passed by reference would copy it first.</remarks>
    static abstract ulong ReferenceTo(scoped in TSelf writer);
}
