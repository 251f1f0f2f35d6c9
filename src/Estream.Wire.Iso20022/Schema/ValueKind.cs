namespace Estream.Wire.Iso20022.Schema;

/// <summary>The built-in types of XML Schema that the messages use.</summary>
internal enum ValueKind
{
    /// <summary>Any characters. White space is significant.</summary>
    Text,

    /// <summary>A number with or without a fraction. As in all kinds below, surrounding white space is ignored.</summary>
    Number,

    /// <summary><c>true</c>, <c>false</c>, <c>1</c> or <c>0</c>.</summary>
    Boolean,

    /// <summary>A date, with or without an offset.</summary>
    Date,

    /// <summary>A date and a time of day, with or without an offset.</summary>
    DateTime,

    /// <summary>A time of day, with or without an offset.</summary>
    Time,

    /// <summary>A year.</summary>
    Year,

    /// <summary>A month of a year.</summary>
    YearMonth,

    /// <summary>Bytes in base64. Lengths count bytes, not characters; white space between the characters is ignored.</summary>
    Binary,
}
