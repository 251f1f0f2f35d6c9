using System.Collections;
using System.Runtime.CompilerServices;

namespace Estream.Marketplace.Json;

/// <summary>An ordered list of values. Filled only by the code that creates it.</summary>
[CollectionBuilder(typeof(JsonArray), nameof(Of))]
internal sealed record JsonArray : JsonValue, IReadOnlyList<JsonValue>
{
    private readonly List<JsonValue> _items = [];

    public int Count => _items.Count;

    public override string Kind => "an array";

    public JsonValue this[int index] => _items[index];

    public static JsonArray Of(ReadOnlySpan<JsonValue> items)
    {
        JsonArray array = new();
        array._items.AddRange(items);
        return array;
    }

    public static JsonArray Of(IEnumerable<JsonValue> items) => [.. items];

    public void Add(JsonValue item) => _items.Add(item);

    public IEnumerator<JsonValue> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public bool Equals(JsonArray? other) => other is not null && _items.SequenceEqual(other._items);

    public override int GetHashCode() => _items.Aggregate(17, HashCode.Combine);
}
