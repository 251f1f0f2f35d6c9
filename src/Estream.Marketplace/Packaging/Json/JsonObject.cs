using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Estream.Marketplace.Json;

/// <summary>Members by their names, none of which is there twice. Filled once, where it is made; their order is that of the canonical
/// form.</summary>
internal sealed record JsonObject : JsonValue, IEnumerable<KeyValuePair<string, JsonValue>>
{
    private readonly Dictionary<string, JsonValue> _members = new(StringComparer.Ordinal);
    private string[]? _ordered;

    public int Count => _members.Count;

    public override string Kind => "an object";

    /// <summary>RFC 8785, section 3.2.3: names are ordered by their UTF-16 code units, which is what ordinal means here.</summary>
    public IReadOnlyList<string> Names => _ordered ??= InOrder();

    public bool TryGet(string name, [NotNullWhen(true)] out JsonValue? value) => _members.TryGetValue(name, out value);

    /// <summary>Adds a member.</summary>
    /// <returns>False where the name is there already, and nothing was added.</returns>
    public bool TryAdd(string name, JsonValue value)
    {
        _ordered = null;
        return _members.TryAdd(name, value);
    }

    /// <exception cref="ArgumentException">The name is there already.</exception>
    public void Add(string name, JsonValue value)
    {
        _ordered = null;
        _members.Add(name, value);
    }

    /// <summary>Adds a member where there is something to say.</summary>
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
