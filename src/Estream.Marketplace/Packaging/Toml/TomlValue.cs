using Estream.Esf.Schema;

namespace Estream.Marketplace.Toml;

/// <summary>A value of a TOML file with its position.</summary>
internal abstract class TomlValue(TomlKind kind, SourcePosition position)
{
    public TomlKind Kind { get; } = kind;

    /// <summary>
    /// The position where the value begins; for a table with a header, its opening bracket. A column counts Unicode scalar values; a tab
    /// counts as one, a byte order mark is not counted.
    /// </summary>
    public SourcePosition Position { get; protected set; } = position;
}

/// <summary>A string, with escapes resolved and line breaks normalized to a line feed.</summary>
/// <param name="position">The position where the string begins.</param>
/// <param name="value">The text.</param>
/// <param name="isPlain">True if the source is identical to the text: on one line, without escapes.</param>
internal sealed class TomlString(SourcePosition position, string value, bool isPlain) : TomlValue(TomlKind.String, position)
{
    public string Value { get; } = value;

    /// <summary>Returns the position of a character by its index; the position of the string if escapes or line breaks prevent computing
    /// it.</summary>
    public SourcePosition At(int index) =>
        isPlain ? new SourcePosition(Position.Line,
            Position.Column + 1 + Value[..Math.Min(index, Value.Length)].EnumerateRunes().Count()) : Position;
}

/// <summary>An integer.</summary>
internal sealed class TomlInteger(SourcePosition position, long value) : TomlValue(TomlKind.Integer, position)
{
    public long Value { get; } = value;
}

/// <summary>A binary64 number.</summary>
internal sealed class TomlFloat(SourcePosition position, double value) : TomlValue(TomlKind.Float, position)
{
    public double Value { get; } = value;
}

/// <summary>True or false.</summary>
internal sealed class TomlBoolean(SourcePosition position, bool value) : TomlValue(TomlKind.Boolean, position)
{
    public bool Value { get; } = value;
}

/// <summary>One of the four kinds of dates and times.</summary>
internal sealed class TomlDateTime(TomlKind kind, SourcePosition position, string text) : TomlValue(kind, position)
{
    /// <summary>
    /// The RFC 3339 text: a <c>T</c> between date and time, <c>Z</c> for UTC, and a fraction of 3, 6 or 9 digits or none. Digits after the
    /// ninth are cut off.
    /// </summary>
    public string Text { get; } = text;
}

/// <summary>Values in order.</summary>
internal sealed class TomlArray(SourcePosition position, bool isOfTables) : TomlValue(TomlKind.Array, position)
{
    private readonly List<TomlValue> _items = [];

    public IReadOnlyList<TomlValue> Items => _items;

    /// <summary>True if the items are written as <c>[[name]]</c>, so more may follow.</summary>
    public bool IsOfTables { get; } = isOfTables;

    public void Add(TomlValue item) => _items.Add(item);
}

/// <summary>The kinds of values of TOML 1.0.</summary>
internal enum TomlKind
{
    /// <summary>Text.</summary>
    String,

    /// <summary>A signed 64-bit integer.</summary>
    Integer,

    /// <summary>A binary64 number, including infinity and NaN.</summary>
    Float,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A date and time with an offset from UTC.</summary>
    OffsetDateTime,

    /// <summary>A date and time without an offset.</summary>
    LocalDateTime,

    /// <summary>A date without a time.</summary>
    LocalDate,

    /// <summary>A time without a date.</summary>
    LocalTime,

    /// <summary>Values in order.</summary>
    Array,

    /// <summary>Values by key.</summary>
    Table,
}
