namespace Estream.Wire.Iso20022.Mapping;

/// <summary>What becomes of an element.</summary>
internal enum MapKind
{
    /// <summary>A string, or an enum by its name.</summary>
    Text,

    /// <summary>An integer.</summary>
    Number,

    /// <summary>A bool.</summary>
    Flag,

    /// <summary>A number with its scale.</summary>
    Decimal,

    /// <summary>A number with its scale and currency.</summary>
    Amount,

    /// <summary>An object.</summary>
    Object,

    /// <summary>No field, but a message of its own, with what the map has around it.</summary>
    Record,
}

/// <summary>The field that an element goes to.</summary>
/// <param name="Member">The name of the field.</param>
/// <param name="Ordinal">Its place among the fields of its shape.</param>
/// <param name="Kind">What it is.</param>
/// <param name="IsItem">Whether the element is one item of it.</param>
/// <param name="Shape">The shape of an object or record; empty for other kinds.</param>
internal sealed record MapTarget(byte[] Member, int Ordinal, MapKind Kind, bool IsItem, string Shape)
{
    /// <summary>What stands before its value, behind another member: comma, name and, where there are items, the bracket before the first
    /// of them.</summary>
    public byte[] Before { get; } = [(byte)',', (byte)'"', .. Member, .. (IsItem ? "\":["u8 : "\":"u8)];

    /// <summary>Whether a long message is cut into parts between two of these items.</summary>
    public bool IsCut { get; init; }

    /// <summary>Whether it is a field of the object around that of the shape.</summary>
    public bool IsOutside { get; init; }
}
