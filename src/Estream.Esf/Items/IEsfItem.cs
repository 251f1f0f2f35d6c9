namespace Estream.Esf.Items;

/// <summary>Reads the items of an array, or the keys or values of a map.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public interface IEsfItem<T>
    where T : allows ref struct
{
    /// <summary>The size of an item in bytes; 0 if items vary in size.</summary>
    static abstract int Size { get; }

    /// <summary>Reads the value of an item.</summary>
    static abstract T Read(ReadOnlySpan<byte> item);
}

/// <summary>Reads and writes items that are single values.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public interface IEsfValueItem<T> : IEsfItem<T>
    where T : allows ref struct
{
    /// <summary>Writes a value; returns the number of bytes written.</summary>
    /// <exception cref="ArgumentException">The value does not fit its type or the destination.</exception>
    static abstract int Write(T value, Span<byte> destination);

    /// <summary>Whether an item is equal to a value.</summary>
    static abstract bool Holds(ReadOnlySpan<byte> item, T value);
}

/// <summary>A writer that fills a nested region of a message: an object, an array or a map.</summary>
/// <typeparam name="TSelf">The writer type.</typeparam>
public interface IEsfNestedWriter<TSelf>
    where TSelf : IEsfNestedWriter<TSelf>, allows ref struct
{
    /// <summary>Starts a writer.</summary>
    /// <param name="destination">The span to write to.</param>
    /// <param name="start">The offset of that span in the parent.</param>
    static abstract TSelf Begin(Span<byte> destination, int start);

    /// <summary>Returns the offset in the parent at which a writer began.</summary>
    /// <remarks>Static, like <see cref="LengthOf"/>, because an instance call on a writer passed by reference would copy the writer
    /// first.</remarks>
    static abstract int StartOf(scoped in TSelf writer);

    /// <summary>Returns the number of bytes that a writer wrote.</summary>
    static abstract int LengthOf(scoped in TSelf writer);
}
