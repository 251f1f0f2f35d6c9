namespace Estream.Marketplace.Toml;

/// <summary>The kinds of values that TOML 1.0 has.</summary>
internal enum TomlKind
{
    /// <summary>Text.</summary>
    String,

    /// <summary>A whole number of 64 bits with sign.</summary>
    Integer,

    /// <summary>A binary64 number, infinite and not-a-number included.</summary>
    Float,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>Date and time with an offset to UTC.</summary>
    OffsetDateTime,

    /// <summary>Date and time of no known place.</summary>
    LocalDateTime,

    /// <summary>A day.</summary>
    LocalDate,

    /// <summary>A time of some day.</summary>
    LocalTime,

    /// <summary>Values in order.</summary>
    Array,

    /// <summary>Values by key.</summary>
    Table,
}
