using Estream.Esf.Schema;

namespace Estream.Marketplace.Toml;

/// <summary>A value of a TOML file, and where it is written.</summary>
internal abstract class TomlValue(TomlKind kind, SourcePosition position)
{
    public TomlKind Kind { get; } = kind;

    /// <summary>
    /// Where the value begins; for a table with a header, its opening bracket. A column counts Unicode characters (scalar
    /// values), a tab as one, a byte order mark not.
    /// </summary>
    public SourcePosition Position { get; protected set; } = position;
}

/// <summary>Text, with escapes resolved and ends of lines as a line feed.</summary>
/// <param name="position">Where it begins.</param>
/// <param name="value">The text.</param>
/// <param name="isPlain">True where it is written as it is: on one line, without escapes.</param>
internal sealed class TomlString(SourcePosition position, string value, bool isPlain) : TomlValue(TomlKind.String, position)
{
    public string Value { get; } = value;

    /// <summary>Where one of its characters is written, by its index; its beginning where escapes or lines lie between.</summary>
    public SourcePosition At(int index) =>
        isPlain ? new SourcePosition(Position.Line,
            Position.Column + 1 + Value[..Math.Min(index, Value.Length)].EnumerateRunes().Count()) : Position;
}

/// <summary>A whole number.</summary>
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
    /// The moment after RFC 3339: a <c>T</c> between date and time, <c>Z</c> for UTC, a fraction of 3, 6 or 9 digits or none.
    /// Digits behind the ninth are cut off.
    /// </summary>
    public string Text { get; } = text;
}

/// <summary>Values in order.</summary>
internal sealed class TomlArray(SourcePosition position, bool isOfTables) : TomlValue(TomlKind.Array, position)
{
    private readonly List<TomlValue> _items = [];

    public IReadOnlyList<TomlValue> Items => _items;

    /// <summary>True where its items are written as <c>[[name]]</c>, so that more may follow.</summary>
    public bool IsOfTables { get; } = isOfTables;

    public void Add(TomlValue item) => _items.Add(item);
}

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
