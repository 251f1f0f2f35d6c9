using System.Collections.Frozen;

namespace Estream.Wire.Fix.Dictionary;

/// <summary>The fields a message, a header, or an entry of a group may have, and those it must have.</summary>
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

    /// <param name="tag">The field.</param>
    /// <param name="group">The group it counts the entries of, or null.</param>
    /// <returns>False where the field does not belong here.</returns>
    public bool TryGet(int tag, out FixGroupDefinition? group)
    {
        return _members.TryGetValue(tag, out group);
    }
}

/// <summary>A repeating group: the field that counts its entries, the field each entry begins with, and what an entry may have.</summary>
/// <param name="CountTag">The field in front of the entries.</param>
/// <param name="Delimiter">The field each entry begins with.</param>
/// <param name="Depth">1, and one more than the deepest group inside.</param>
/// <param name="Entry">The fields of an entry.</param>
internal sealed record FixGroupDefinition(int CountTag, int Delimiter, int Depth, FixFieldSet Entry);

/// <summary>A type of message.</summary>
/// <param name="Name">Its name: NewOrderSingle.</param>
/// <param name="Body">The fields of its body.</param>
internal sealed record FixMessageType(string Name, FixFieldSet Body);
