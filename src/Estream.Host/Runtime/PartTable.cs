using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Estream.Host.Runtime;

/// <summary>
/// The open parts of one kind by name, in ordinal order. One thread at a time changes the table. Readers on any thread see the table before
/// or after a change; an enumeration returns the parts that the table had at the start of the enumeration.
/// </summary>
/// <typeparam name="T">The type of the parts.</typeparam>
[SuppressMessage("Naming", "CA1710", Justification = "A table of parts is not a collection type of a library.")]
internal sealed class PartTable<T> : IReadOnlyDictionary<string, T>
    where T : class
{
    private volatile ImmutableSortedDictionary<string, T> _parts = ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);

    /// <summary>A reference to a new object after each change of the table.</summary>
    public object Version => _parts;

    public IEnumerable<string> Keys => _parts.Keys;

    public IEnumerable<T> Values => _parts.Values;

    public int Count => _parts.Count;

    public T this[string key] => _parts[key];

    /// <summary>Adds a part.</summary>
    /// <exception cref="ArgumentException">The table has a part of this name.</exception>
    public void Add(string name, T part) => _parts = _parts.ContainsKey(name)
        ? throw new ArgumentException($"There is already a part '{name}'.", nameof(name))
        : _parts.Add(name, part);

    /// <summary>Removes a part. The caller closes the part when no reader uses it.</summary>
    /// <returns>The part; null if there is none.</returns>
    public T? Remove(string name)
    {
        T? part = _parts.GetValueOrDefault(name);
        _parts = _parts.Remove(name);
        return part;
    }

    public bool ContainsKey(string key) => _parts.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value) => _parts.TryGetValue(key, out value);

    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => _parts.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
