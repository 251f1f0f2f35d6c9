using System.Buffers.Binary;
using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>A record prepared for reading and writing at run time. Immutable.</summary>
internal sealed class RecordPlan
{
    // The offset at which a message or an object stores the length of its fixed block.
    private const int LengthAtInMessage = 12;
    private const int LengthAtInObject = 0;

    // The number of fields that FindAhead tries before the name is looked up.
    private const int MaxAhead = 16;

    private readonly Utf8NameTable _names;
    private readonly MemberHead[] _heads;
    private readonly int[] _earlierLengths;
    private readonly int _lengthAt;

    public RecordPlan(RecordLayout layout, PlanScope scope, string pathPrefix)
    {
        Start = layout.Start;
        FixedLength = layout.FixedLength;
        _lengthAt = layout.Start == RecordLayout.MessageStart ? LengthAtInMessage : LengthAtInObject;
        Fields = layout.Fields.Select(field => new FieldPlan(field, scope, pathPrefix)).ToArray();
        FieldSet required = default;
        foreach (FieldPlan field in Fields)
        {
            if (!field.IsOptional)
            {
                required.Add(field.Ordinal);
            }
        }

        Required = required;
        HasPrivate = Array.Exists(Fields, field => field.IsPrivate || field.Type.HasPrivate);
        int appendable = 1 + Array.FindLastIndex(Fields, field => !field.IsOptional);
        _earlierLengths = [.. Fields.Take(Fields.Length - 1).Skip(Math.Max(appendable, 1) - 1).Select(field => field.End)];
        _names = new Utf8NameTable(Fields.Select(field => field.Definition.Name).ToArray());
        _heads = Array.ConvertAll(Fields, HeadOf);
    }

    /// <summary>The offset of the first byte of the fixed block.</summary>
    public int Start { get; }

    /// <summary>The offset of the variable section.</summary>
    public int FixedLength { get; }

    public FieldPlan[] Fields { get; }

    public FieldSet Required { get; }

    /// <summary>Whether any field is private, including fields of nested objects.</summary>
    public bool HasPrivate { get; }

    /// <summary>Returns the length of the fixed block as stored in a record.</summary>
    public int FixedLengthOf(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt16LittleEndian(record[_lengthAt..]);

    /// <summary>
    /// Whether a compatible version of this record can have a fixed block of this length. The fixed block of a later version is at least as
    /// long as this version's. The fixed block of an earlier version ends after a field that only optional fields follow. Every version has
    /// at least one field.
    /// </summary>
    public bool Admits(int fixedLength) => fixedLength >= FixedLength || Array.BinarySearch(_earlierLengths, fixedLength) >= 0;

    /// <summary>Returns the field with a name. Tries the expected index first.</summary>
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

    /// <summary>
    /// Returns the field whose member is next in the JSON. Searches forward from the expected index, because most writers keep the order of
    /// the schema and omit fields. Returns null if none of the next fields matches, or the member contains white space or escapes.
    /// </summary>
    /// <param name="json">The JSON, with no white space before the member.</param>
    /// <param name="expected">The index expected after the previous field.</param>
    public FieldPlan? FindAhead(ReadOnlySpan<byte> json, int expected)
    {
        if (json.Length < sizeof(ulong))
        {
            return null;
        }

        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(json);
        MemberHead[] heads = _heads;
        int end = Math.Min(heads.Length, expected + MaxAhead);
        for (int index = expected; index < end; index++)
        {
            if ((first & heads[index].Mask) == heads[index].First && json.StartsWith(Fields[index].JsonMember))
            {
                return Fields[index];
            }
        }

        return null;
    }

    // The shortest possible member is a one-letter name, its quotes and the colon: 4 bytes.
    private static MemberHead HeadOf(FieldPlan field)
    {
        Span<byte> first = stackalloc byte[sizeof(ulong)];
        first.Clear();
        int length = Math.Min(field.JsonMember.Length, first.Length);
        field.JsonMember.AsSpan(0, length).CopyTo(first);
        return new MemberHead(BinaryPrimitives.ReadUInt64LittleEndian(first), ulong.MaxValue >> (64 - (8 * length)));
    }

    // The first eight bytes of a member, and a mask for members shorter than eight bytes.
    private readonly record struct MemberHead(ulong First, ulong Mask);
}
