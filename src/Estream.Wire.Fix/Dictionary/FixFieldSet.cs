using System.Collections.Frozen;

namespace Estream.Wire.Fix.Dictionary;

/// <summary>The allowed and the required fields of a message, a header, a trailer, or a group entry.</summary>
internal sealed class FixFieldSet
{
    private readonly FrozenDictionary<int, FixGroupDefinition?> _members;
    private readonly FixFieldDefinition[] _required;

    public FixFieldSet(IReadOnlyDictionary<int, FixGroupDefinition?> members, IEnumerable<FixFieldDefinition> required)
    {
        _members = members.ToFrozenDictionary();
        _required = [.. required];
    }

    public ReadOnlySpan<FixFieldDefinition> Required => _required;

    /// <summary>Looks up a field of the set.</summary>
    /// <param name="tag">The tag of the field.</param>
    /// <param name="group">The group whose entries the field counts, or null.</param>
    /// <returns>False if the field does not belong to the set.</returns>
    public bool TryGet(int tag, out FixGroupDefinition? group)
    {
        return _members.TryGetValue(tag, out group);
    }
}

/// <summary>A repeating group: its count field, its delimiter, and the fields of an entry.</summary>
/// <param name="CountTag">The tag of the field that counts the entries.</param>
/// <param name="Delimiter">The tag that every entry starts with.</param>
/// <param name="Depth">1, or one more than the depth of the deepest nested group.</param>
/// <param name="Entry">The fields of an entry.</param>
internal sealed record FixGroupDefinition(int CountTag, int Delimiter, int Depth, FixFieldSet Entry);

/// <summary>A message type.</summary>
/// <param name="Name">The name, such as NewOrderSingle.</param>
/// <param name="Body">The fields of its body.</param>
internal sealed record FixMessageType(string Name, FixFieldSet Body);
