namespace Estream.Wire.Iso20022.Mapping;

/// <summary>The kinds of mapping targets.</summary>
internal enum MapKind
{
    /// <summary>A string, or an enum by its name.</summary>
    Text,

    /// <summary>An integer.</summary>
    Number,

    /// <summary>A Boolean.</summary>
    Flag,

    /// <summary>A number with its scale.</summary>
    Decimal,

    /// <summary>A number with its scale and currency.</summary>
    Amount,

    /// <summary>An object.</summary>
    Object,

    /// <summary>A separate message, which includes the fields around the element.</summary>
    Record,
}

/// <summary>The field that an element is mapped to.</summary>
/// <param name="Member">The name of the field.</param>
/// <param name="Ordinal">The ordinal of the field in its shape.</param>
/// <param name="Kind">The kind of the field.</param>
/// <param name="IsItem">Whether the element is an item of an array field.</param>
/// <param name="Shape">The shape of an object or record; empty for other kinds.</param>
internal sealed record MapTarget(byte[] Member, int Ordinal, MapKind Kind, bool IsItem, string Shape)
{
    /// <summary>The JSON before its value, if another member precedes: comma, name, and for arrays the opening bracket.</summary>
    public byte[] Before { get; } = [(byte)',', (byte)'"', .. Member, .. (IsItem ? "\":["u8 : "\":"u8)];

    /// <summary>Whether a long message is split into parts between two of these items.</summary>
    public bool IsCut { get; init; }

    /// <summary>Whether the field belongs to the object that encloses the object of the shape.</summary>
    public bool IsOutside { get; init; }
}
