using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>A record prepared for reading and writing at run time. Immutable.</summary>
internal sealed class RecordPlan
{
    private readonly Utf8NameTable _names;

    public RecordPlan(RecordLayout layout, string pathPrefix)
    {
        Start = layout.Start;
        FixedLength = layout.FixedLength;
        Fields = layout.Fields.Select(field => new FieldPlan(field, pathPrefix)).ToArray();
        FieldSet required = default;
        foreach (FieldPlan field in Fields)
        {
            if (!field.IsOptional)
            {
                required.Add(field.Ordinal);
            }
        }

        Required = required;
        _names = new Utf8NameTable(Fields.Select(field => field.Definition.Name).ToArray());
    }

    /// <summary>Offset of the first byte of the fixed block.</summary>
    public int Start { get; }

    /// <summary>Offset of the variable section.</summary>
    public int FixedLength { get; }

    public FieldPlan[] Fields { get; }

    public FieldSet Required { get; }

    /// <summary>The field of a name, tried first at the place where the previous one leads to expect it.</summary>
    public FieldPlan? Find(ReadOnlySpan<byte> name, int expected)
    {
        FieldPlan[] fields = Fields;
        if ((uint)expected < (uint)fields.Length && name.SequenceEqual(fields[expected].Utf8Name))
        {
            return fields[expected];
        }

        int index = _names.IndexOf(name);
        return index < 0 ? null : fields[index];
    }
}
