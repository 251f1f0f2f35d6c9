using System.Collections.Frozen;
using System.Text;

namespace Estream.Wire.Fix.Dictionary;

/// <summary>A dictionary's definition of a field.</summary>
internal sealed class FixFieldDefinition
{
    private readonly FrozenSet<ulong> _values;
    private readonly byte[][] _longValues;

    public FixFieldDefinition(int tag, string name, FixFieldType type, int ordinal, IReadOnlyCollection<string> values)
    {
        Tag = tag;
        Name = name;
        Type = type;
        Ordinal = ordinal;
        byte[][] texts = [.. values.Select(text => Encoding.UTF8.GetBytes(text))];
        _longValues = [.. texts.Where(text => text.Length > PackedText.MaxLength)];
        _values = texts.Where(text => text.Length <= PackedText.MaxLength).Select(Pack).ToFrozenSet();
    }

    public int Tag { get; }

    public string Name { get; }

    public FixFieldType Type { get; }

    /// <summary>The index of the field among all fields of its dictionary, from 0.</summary>
    public int Ordinal { get; }

    public bool HasValues => _values.Count > 0 || _longValues.Length > 0;

    /// <summary>Whether the dictionary lists the value, or lists no values for the field.</summary>
    public bool Lists(ReadOnlySpan<byte> value)
    {
        if (!HasValues)
        {
            return true;
        }

        if (Type != FixFieldType.Several)
        {
            return ListsOne(value);
        }

        foreach (Range part in value.Split((byte)' '))
        {
            if (!ListsOne(value[part]))
            {
                return false;
            }
        }

        return true;
    }

    private static ulong Pack(byte[] text)
    {
        PackedText.TryPack(text, out ulong packed);
        return packed;
    }

    private bool ListsOne(ReadOnlySpan<byte> value)
    {
        if (PackedText.TryPack(value, out ulong packed))
        {
            return _values.Contains(packed);
        }

        foreach (byte[] text in _longValues)
        {
            if (value.SequenceEqual(text))
            {
                return true;
            }
        }

        return false;
    }
}
