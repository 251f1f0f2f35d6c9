using System.Buffers.Text;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Schema;

/// <summary>What the text of an element or of an attribute may be: a built-in type, and facets. Immutable and thread-safe.</summary>
internal sealed class SimpleType
{
    /// <summary>Its name in the schema.</summary>
    public required string Name { get; init; }

    /// <summary>The built-in type.</summary>
    public required ValueKind Kind { get; init; }

    /// <summary>The least number of characters, or of bytes in base64.</summary>
    public int MinLength { get; init; }

    /// <summary>The greatest number of characters, or of bytes in base64.</summary>
    public int MaxLength { get; init; } = int.MaxValue;

    /// <summary>Whether it is the number of an account that has check digits.</summary>
    public bool IsIban => Name == "IBAN2007Identifier";

    /// <summary>What the text looks like; null for anything.</summary>
    public TextPattern? Pattern { get; init; }

    /// <summary>All the texts there are; empty for any.</summary>
    public byte[][] Values { get; init; } = [];

    /// <summary>The greatest number of digits.</summary>
    public int TotalDigits { get; init; } = int.MaxValue;

    /// <summary>The greatest number of digits behind the point.</summary>
    public int FractionDigits { get; init; } = int.MaxValue;

    /// <summary>The least number, 0 or 1; null for any.</summary>
    public int? MinInclusive { get; init; }

    /// <summary>What is wrong with a text.</summary>
    public Iso20022Reason Check(ReadOnlySpan<byte> text)
    {
        if (Kind == ValueKind.Text)
        {
            return CheckText(text);
        }

        if (Kind == ValueKind.Binary)
        {
            return CheckBinary(text);
        }

        ReadOnlySpan<byte> value = XmlText.Trim(text);
        bool isOne = Kind switch
        {
            ValueKind.Number => true,
            ValueKind.Boolean => value.SequenceEqual("true"u8) || value.SequenceEqual("false"u8) || value.SequenceEqual("1"u8)
                || value.SequenceEqual("0"u8),
            ValueKind.Date => TimeText.IsDate(value),
            ValueKind.DateTime => TimeText.IsDateTime(value),
            ValueKind.Time => TimeText.IsTime(value),
            ValueKind.Year => TimeText.IsYear(value),
            _ => TimeText.IsYearMonth(value),
        };
        return Kind == ValueKind.Number ? CheckNumber(value)
            : isOne ? Iso20022Reason.None
            : Kind == ValueKind.Boolean ? Iso20022Reason.NotABoolean : Iso20022Reason.NotADateOrTime;
    }

    private Iso20022Reason CheckText(ReadOnlySpan<byte> text)
    {
        // A character has a byte or more, so most lengths are known without counting.
        if (text.Length < MinLength || (MinLength > 1 && Characters(text) < MinLength))
        {
            return Iso20022Reason.TooShort;
        }

        if (text.Length > MaxLength && Characters(text) > MaxLength)
        {
            return Iso20022Reason.TooLong;
        }

        if (Pattern is { } pattern && !pattern.IsMatch(text))
        {
            return Iso20022Reason.WrongPattern;
        }

        return Values.Length == 0 || IsListed(text) ? Iso20022Reason.None : Iso20022Reason.UnknownCode;
    }

    private Iso20022Reason CheckBinary(ReadOnlySpan<byte> text)
    {
        return !Base64.IsValid(text, out int length) ? Iso20022Reason.WrongPattern
            : length < MinLength ? Iso20022Reason.TooShort
            : length > MaxLength ? Iso20022Reason.TooLong
            : Iso20022Reason.None;
    }

    private Iso20022Reason CheckNumber(ReadOnlySpan<byte> text)
    {
        if (!DecimalText.TryRead(text, out DecimalText number))
        {
            return Iso20022Reason.NotANumber;
        }

        int fraction = number.SignificantFraction.Length;
        if (fraction > FractionDigits)
        {
            return Iso20022Reason.TooManyFractionDigits;
        }

        if (number.Digits > TotalDigits || fraction > TotalDigits)
        {
            return Iso20022Reason.TooManyDigits;
        }

        bool isLess = MinInclusive switch
        {
            null => false,
            0 => number.IsNegative && !number.IsZero,
            _ => number.IsNegative || number.Whole.IsEmpty,
        };
        return isLess ? Iso20022Reason.TooLittle : Iso20022Reason.None;
    }

    private bool IsListed(ReadOnlySpan<byte> text)
    {
        foreach (byte[] value in Values)
        {
            if (text.SequenceEqual(value))
            {
                return true;
            }
        }

        return false;
    }

    // The text is UTF-8, so every byte that continues none begins one.
    private static int Characters(ReadOnlySpan<byte> text)
    {
        int count = 0;
        foreach (byte value in text)
        {
            count += (value & 0xC0) != 0x80 ? 1 : 0;
        }

        return count;
    }
}
