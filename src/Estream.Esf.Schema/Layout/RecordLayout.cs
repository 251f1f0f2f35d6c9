namespace Estream.Esf.Schema;

/// <summary>The position of a field in the fixed block of its record.</summary>
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

    /// <summary>The index of the field in its record.</summary>
    public int Ordinal { get; }

    /// <summary>The byte offset, from the start of the record, of the value or of the reference to it.</summary>
    public int Offset { get; }

    /// <summary>True if the slot contains a reference (offset and length) instead of the value: for values of variable size, and for all
    /// private values.</summary>
    public bool IsReference => !Field.Type.IsFixedSize || Field.IsPrivate;

    /// <summary>The size of the slot in bytes.</summary>
    public int SlotSize => IsReference ? RecordLayout.ReferenceSize : Field.Type.FixedSize;

    /// <summary>The byte offset of the presence byte, or -1 for a field without a presence bit.</summary>
    public int PresenceOffset { get; }

    /// <summary>The mask of the field's bit in the presence byte; 0 for a field without a presence bit.</summary>
    public int PresenceMask { get; }
}

/// <summary>
/// The fixed block of a record. Fields are stored in definition order without padding. A presence byte precedes the first, ninth, …
/// optional field of fixed size, so that appending a field moves no other. A private field is always stored by reference, so that its
/// offset is the same whether it is sealed or not.
/// </summary>
public sealed class RecordLayout
{
    /// <summary>The length of a message header; the fixed block of a message begins after it.</summary>
    public const int MessageStart = 16;

    /// <summary>The number of bytes before the fixed block of an object: a 16-bit length.</summary>
    public const int ObjectStart = 2;

    /// <summary>The size of a reference in bytes: offset in the low 32 bits, length in the high 32 bits.</summary>
    public const int ReferenceSize = 8;

    /// <summary>The maximum length of a fixed block, including the bytes before it: the maximum of the 16-bit length.
    /// <see cref="EsfLimits.MaxFields"/> fields never reach this length.</summary>
    public const int MaxFixedLength = ushort.MaxValue;

    private RecordLayout(int start, int fixedLength, IReadOnlyList<FieldLayout> fields)
    {
        Start = start;
        FixedLength = fixedLength;
        Fields = fields;
    }

    /// <summary>The offset of the first byte of the fixed block.</summary>
    public int Start { get; }

    /// <summary>The offset of the variable section, which follows the fixed block.</summary>
    public int FixedLength { get; }

    /// <summary>The fields in order.</summary>
    public IReadOnlyList<FieldLayout> Fields { get; }

    /// <summary>Computes the layout of a message.</summary>
    public static RecordLayout OfMessage(RecordDefinition record) => Compute(record, MessageStart);

    /// <summary>Computes the layout of an object inside a message.</summary>
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
