using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Estream.Marketplace.Json;

/// <summary>Members with unique names, in canonical order. Filled only by the code that creates it.</summary>
internal sealed record JsonObject : JsonValue, IEnumerable<KeyValuePair<string, JsonValue>>
{
    private readonly Dictionary<string, JsonValue> _members = new(StringComparer.Ordinal);
    private string[]? _ordered;

    public int Count => _members.Count;

    public override string Kind => "an object";

    /// <summary>The names, ordered by UTF-16 code units (RFC 8785, section 3.2.3), which is the ordinal order.</summary>
    public IReadOnlyList<string> Names => _ordered ??= InOrder();

    public bool TryGet(string name, [NotNullWhen(true)] out JsonValue? value) => _members.TryGetValue(name, out value);

    /// <summary>Adds a member.</summary>
    /// <returns>False if the name exists; then nothing was added.</returns>
    public bool TryAdd(string name, JsonValue value)
    {
        _ordered = null;
        return _members.TryAdd(name, value);
    }

    /// <exception cref="ArgumentException">The name already exists.</exception>
    public void Add(string name, JsonValue value)
    {
        _ordered = null;
        _members.Add(name, value);
    }

    /// <summary>Adds a member unless its value is null.</summary>
    public void AddUnlessNull(string name, JsonValue? value)
    {
        if (value is not null)
        {
            Add(name, value);
        }
    }

    public IEnumerator<KeyValuePair<string, JsonValue>> GetEnumerator()
    {
        foreach (string name in Names)
        {
            yield return new KeyValuePair<string, JsonValue>(name, _members[name]);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public bool Equals(JsonObject? other) => other is not null && this.SequenceEqual(other);

    public override int GetHashCode() => this.Aggregate(19, (hash, member) => HashCode.Combine(hash, member.Key, member.Value));

    private string[] InOrder()
    {
        string[] names = [.. _members.Keys];
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }
}
