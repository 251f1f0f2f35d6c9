using System.Globalization;

namespace Estream.Wire;

/// <summary>A value in a row of an <see cref="AdapterTable"/>: a text, a whole number, a list of texts, or nothing. Immutable.</summary>
public readonly record struct AdapterCell
{
    private const long NanosPerMilli = 1_000_000;

    private static readonly object s_isNumber = new();

    private readonly object? _value;
    private readonly long _number;

    private AdapterCell(object? value, long number) => (_value, _number) = (value, number);

    /// <summary>No value.</summary>
    public static AdapterCell None => default;

    /// <summary>The text; null if the value is not a text.</summary>
    public string? Text => _value as string;

    /// <summary>The number; null if the value is not a number.</summary>
    public long? Number => ReferenceEquals(_value, s_isNumber) ? _number : null;

    /// <summary>The list; null if the value is not a list.</summary>
    public IReadOnlyList<string>? List => _value as IReadOnlyList<string>;

    /// <summary>A text; no value for null.</summary>
    public static implicit operator AdapterCell(string? text) => new(text, 0);

    /// <summary>A number; no value for null.</summary>
    public static implicit operator AdapterCell(long? number) => number is { } value ? new(s_isNumber, value) : default;

    /// <summary>A number.</summary>
    public static implicit operator AdapterCell(long number) => new(s_isNumber, number);

    /// <summary>A number.</summary>
    public static implicit operator AdapterCell(int number) => new(s_isNumber, number);

    /// <summary>A list of texts. The list must not change afterwards.</summary>
    public static AdapterCell Of(IReadOnlyList<string> list)
    {
        ArgumentNullException.ThrowIfNull(list);
        return new AdapterCell(list, 0);
    }

    /// <summary>A time for a column of the kind <see cref="AdapterColumnKind.Time"/>.</summary>
    /// <param name="utcNanos">Nanoseconds since 1970-01-01 UTC; 0 for no value.</param>
    public static AdapterCell TimeOf(long utcNanos) => utcNanos == 0 ? default : new(s_isNumber, utcNanos / NanosPerMilli);

    /// <summary>Whether the value contains a text, ignoring case.</summary>
    internal bool Contains(string text) => _value switch
    {
        string one => one.Contains(text, StringComparison.OrdinalIgnoreCase),
        IReadOnlyList<string> list => list.Any(one => one.Contains(text, StringComparison.OrdinalIgnoreCase)),
        null => false,
        _ => _number.ToString(CultureInfo.InvariantCulture).Contains(text, StringComparison.Ordinal),
    };
}
