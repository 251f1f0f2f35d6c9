using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Dictionary;

/// <summary>The format of a value. Types of the specification that share a format share a member here.</summary>
internal enum FixFieldType
{
    /// <summary>Any text without SOH.</summary>
    Text,

    /// <summary>One byte.</summary>
    Char,

    /// <summary>Y or N.</summary>
    Flag,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A nonnegative whole number.</summary>
    Count,

    /// <summary>The length of the raw data in the next field.</summary>
    Length,

    /// <summary>A number with an optional fraction.</summary>
    Decimal,

    /// <summary>YYYYMMDD-HH:MM:SS with an optional fraction of a second.</summary>
    Time,

    /// <summary>HH:MM:SS with an optional fraction of a second.</summary>
    TimeOfDay,

    /// <summary>YYYYMMDD.</summary>
    Day,

    /// <summary>YYYYMM, YYYYMMDD, or YYYYMMwW.</summary>
    MonthYear,

    /// <summary>Values separated by spaces.</summary>
    Several,

    /// <summary>Raw data.</summary>
    Data,
}

/// <summary>Maps the type names of dictionaries to types, and checks values against a type.</summary>
internal static class FixFieldTypes
{
    private const int MaxDecimalLength = 40;

    private static readonly Dictionary<string, FixFieldType> s_byName = new(StringComparer.Ordinal)
    {
        ["STRING"] = FixFieldType.Text,
        ["CURRENCY"] = FixFieldType.Text,
        ["EXCHANGE"] = FixFieldType.Text,
        ["COUNTRY"] = FixFieldType.Text,
        ["LANGUAGE"] = FixFieldType.Text,
        ["XID"] = FixFieldType.Text,
        ["XIDREF"] = FixFieldType.Text,
        ["TZTIMEONLY"] = FixFieldType.Text,
        ["TZTIMESTAMP"] = FixFieldType.Text,
        ["LOCALMKTTIME"] = FixFieldType.Text,
        ["CHAR"] = FixFieldType.Char,
        ["BOOLEAN"] = FixFieldType.Flag,
        ["INT"] = FixFieldType.Number,
        ["SEQNUM"] = FixFieldType.Count,
        ["NUMINGROUP"] = FixFieldType.Count,
        ["TAGNUM"] = FixFieldType.Count,
        ["DAYOFMONTH"] = FixFieldType.Count,
        ["LENGTH"] = FixFieldType.Length,
        ["FLOAT"] = FixFieldType.Decimal,
        ["PRICE"] = FixFieldType.Decimal,
        ["PRICEOFFSET"] = FixFieldType.Decimal,
        ["AMT"] = FixFieldType.Decimal,
        ["QTY"] = FixFieldType.Decimal,
        ["PERCENTAGE"] = FixFieldType.Decimal,
        ["UTCTIMESTAMP"] = FixFieldType.Time,
        ["UTCTIMEONLY"] = FixFieldType.TimeOfDay,
        ["UTCDATE"] = FixFieldType.Day,
        ["UTCDATEONLY"] = FixFieldType.Day,
        ["LOCALMKTDATE"] = FixFieldType.Day,
        ["MONTHYEAR"] = FixFieldType.MonthYear,
        ["MULTIPLEVALUESTRING"] = FixFieldType.Several,
        ["MULTIPLESTRINGVALUE"] = FixFieldType.Several,
        ["MULTIPLECHARVALUE"] = FixFieldType.Several,
        ["DATA"] = FixFieldType.Data,
        ["XMLDATA"] = FixFieldType.Data,
    };

    /// <summary>The type names, separated by commas, for messages.</summary>
    public static string Names => string.Join(", ", s_byName.Keys);

    public static bool TryGet(string name, out FixFieldType type)
    {
        return s_byName.TryGetValue(name, out type);
    }

    /// <summary>Whether a nonempty value has the format of the type.</summary>
    public static bool Accepts(FixFieldType type, ReadOnlySpan<byte> value)
    {
        return type switch
        {
            FixFieldType.Char => value.Length == 1,
            FixFieldType.Flag => value.Length == 1 && (char)value[0] is 'Y' or 'N',
            FixFieldType.Number => FixText.TryNumber(value, out _),
            FixFieldType.Count or FixFieldType.Length => FixText.TryNumber(value, out long number) && number >= 0,
            FixFieldType.Decimal => IsDecimal(value),
            FixFieldType.Time => FixText.TryTime(value, out _),
            FixFieldType.TimeOfDay => FixText.TryTimeOfDay(value, out _),
            FixFieldType.Day => IsDay(value),
            FixFieldType.MonthYear => IsMonthYear(value),
            _ => true,
        };
    }

    private static bool IsDecimal(ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> rest = value[0] == '-' ? value[1..] : value;
        int points = 0;
        foreach (byte current in rest)
        {
            if (current == '.')
            {
                points++;
            }
            else if (!FixText.IsDigit(current))
            {
                return false;
            }
        }

        return points <= 1 && rest.Length > points && rest.Length <= MaxDecimalLength;
    }

    // Accepts any year, because a contract may end long after 2261, the last year of a timestamp.
    private static bool IsDay(ReadOnlySpan<byte> value)
    {
        return value.Length == 8 && IsIn(value[..4], 0, 9999) && IsIn(value[4..6], 1, 12) && IsIn(value[6..], 1, 31);
    }

    private static bool IsMonthYear(ReadOnlySpan<byte> value)
    {
        if (value.Length == 6)
        {
            return IsIn(value[..4], 0, 9999) && IsIn(value[4..], 1, 12);
        }

        bool isWeek = value.Length == 8 && value[6] == 'w';
        return isWeek ? IsMonthYear(value[..6]) && IsIn(value[7..], 1, 5) : IsDay(value);
    }

    private static bool IsIn(ReadOnlySpan<byte> digits, int min, int max)
    {
        return digits[0] != '-' && FixText.TryNumber(digits, out long value) && value >= min && value <= max;
    }
}
