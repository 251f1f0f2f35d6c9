using System.Text;
using System.Text.Json;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>An object of a JSON message. Tracks which of its values were already written.</summary>
/// <param name="content">The object.</param>
/// <param name="outer">The enclosing object; null for a message.</param>
internal sealed class JsonScope(JsonElement content, JsonScope? outer = null)
{
    private readonly HashSet<(string Member, int Item)> _taken = [];

    // For each array: the number of leading items that were taken, so that a long array is not searched from its start each time.
    private readonly Dictionary<string, int> _passed = new(StringComparer.Ordinal);

    private JsonElement _last;
    private string? _shared;

    /// <summary>The enclosing object; null for a message.</summary>
    public JsonScope? Outer => outer;

    /// <summary>Adds the members that only the last part of a message has.</summary>
    /// <param name="last">The last part.</param>
    /// <param name="shared">The member whose items are spread over all parts; they are written already.</param>
    public void Join(JsonElement last, string shared)
    {
        _last = last;
        _shared = shared;
    }

    /// <summary>Finds a value that was not taken yet.</summary>
    /// <param name="target">The field.</param>
    /// <param name="fits">Whether a value is acceptable.</param>
    /// <param name="isTaken">Whether to mark the value as taken.</param>
    /// <param name="value">The value, or the next item of an array.</param>
    public bool TryFind(MapTarget target, Func<JsonElement, bool> fits, bool isTaken, out JsonElement value)
    {
        value = default;
        if (!content.TryGetProperty(target.Member, out JsonElement member)
            && (_shared is null || !_last.TryGetProperty(target.Member, out member)))
        {
            return false;
        }

        string name = Encoding.UTF8.GetString(target.Member);
        int count = CountOf(member);
        for (int item = _passed.GetValueOrDefault(name); item < count; item++)
        {
            value = member.ValueKind == JsonValueKind.Array ? member[item] : member;
            if (!_taken.Contains((name, item)) && fits(value))
            {
                if (isTaken)
                {
                    Take(name, item);
                }

                return true;
            }
        }

        return false;
    }

    /// <summary>Marks a field as taken whose value is constant.</summary>
    public void Take(string member) => Take(member, 0);

    /// <summary>Returns the name of a field that was not taken completely; null if there is none.</summary>
    public string? FirstLeft()
    {
        return FirstLeftOf(content) ?? (_shared is null ? null : FirstLeftOf(_last));
    }

    private string? FirstLeftOf(JsonElement part)
    {
        foreach (JsonProperty member in part.EnumerateObject())
        {
            bool isShared = _shared is not null && member.NameEquals(_shared);
            if (!isShared && _passed.GetValueOrDefault(member.Name) < CountOf(member.Value))
            {
                return member.Name;
            }
        }

        return null;
    }

    private void Take(string member, int item)
    {
        _taken.Add((member, item));
        int passed = _passed.GetValueOrDefault(member);
        while (_taken.Contains((member, passed)))
        {
            passed++;
        }

        _passed[member] = passed;
    }

    private static int CountOf(JsonElement member) => member.ValueKind == JsonValueKind.Array ? member.GetArrayLength() : 1;
}
