namespace Estream.Esf.Schema;

/// <summary>Where a field stands in the fixed block of its record.</summary>
public sealed class FieldLayout
{
    internal FieldLayout(FieldDefinition field, int ordinal, int offset, int presenceOffset, int presenceBit)
    {
        Field = field;
        Ordinal = ordinal;
        Offset = offset;
        PresenceOffset = presenceOffset;
        PresenceMask = presenceOffset < 0 ? 0 : 1 << presenceBit;
    }

    /// <summary>The field.</summary>
    public FieldDefinition Field { get; }

    /// <summary>Index of the field in its record.</summary>
    public int Ordinal { get; }

    /// <summary>Byte offset from the start of the record, of the value itself or of the reference to it.</summary>
    public int Offset { get; }

    /// <summary>True when the slot holds a reference (offset and length) and not the value: for values that vary in size, and for all
    /// private ones.</summary>
    public bool IsReference => !Field.Type.IsFixedSize || Field.IsPrivate;

    /// <summary>Size of the slot in bytes.</summary>
    public int SlotSize => IsReference ? RecordLayout.ReferenceSize : Field.Type.FixedSize;

    /// <summary>Byte offset of the presence byte, or -1 for a field that has no presence bit.</summary>
    public int PresenceOffset { get; }

    /// <summary>The bit of the presence byte that says the field is there; 0 when it has none.</summary>
    public int PresenceMask { get; }
}

/// <summary>
/// The fixed block of a record. Fields stand in the order of their definition without padding. A presence byte is
/// laid down before the first, ninth, … optional field of fixed size, so that appending a field moves no other. A private
/// field is held by reference whatever its type, so that its place is the same in clear and sealed.
/// </summary>
public sealed class RecordLayout
{
    /// <summary>Bytes of the header of a message; the fixed block of a message begins behind it.</summary>
    public const int MessageStart = 16;

    /// <summary>Bytes before the fixed block of an object: its length as 16 bits.</summary>
    public const int ObjectStart = 2;

    /// <summary>Bytes of a reference: offset in the low 32 bits, length in the high 32 bits.</summary>
    public const int ReferenceSize = 8;

    /// <summary>Longest fixed block, start included: what its 16-bit length can say. No <see cref="EsfLimits.MaxFields"/> fields take as
    /// much.</summary>
    public const int MaxFixedLength = ushort.MaxValue;

    private RecordLayout(int start, int fixedLength, IReadOnlyList<FieldLayout> fields)
    {
        Start = start;
        FixedLength = fixedLength;
        Fields = fields;
    }

    /// <summary>Offset of the first byte of the fixed block.</summary>
    public int Start { get; }

    /// <summary>Offset of the variable section: everything before it has a fixed place.</summary>
    public int FixedLength { get; }

    /// <summary>The fields in order.</summary>
    public IReadOnlyList<FieldLayout> Fields { get; }

    /// <summary>The layout of a message.</summary>
    public static RecordLayout OfMessage(RecordDefinition record) => Compute(record, MessageStart);

    /// <summary>The layout of an object inside a message.</summary>
    public static RecordLayout OfObject(RecordDefinition record) => Compute(record, ObjectStart);

    private static RecordLayout Compute(RecordDefinition record, int start)
    {
        List<FieldLayout> fields = new(record.Fields.Count);
        int offset = start;
        int presenceOffset = -1;
        int presenceBit = 8;
        for (int i = 0; i < record.Fields.Count; i++)
        {
            FieldDefinition field = record.Fields[i];
            bool hasBit = field.IsOptional && field.Type.IsFixedSize && !field.IsPrivate;
            if (hasBit && presenceBit == 8)
            {
                presenceOffset = offset++;
                presenceBit = 0;
            }

            FieldLayout layout = hasBit
                ? new FieldLayout(field, i, offset, presenceOffset, presenceBit++)
                : new FieldLayout(field, i, offset, -1, 0);
            fields.Add(layout);
            offset += layout.SlotSize;
        }

        return new RecordLayout(start, offset, fields);
    }
}
