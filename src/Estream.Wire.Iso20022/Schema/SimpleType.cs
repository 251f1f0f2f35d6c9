using System.Buffers.Text;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Schema;

/// <summary>The type of the text of an element or attribute: a built-in type with facets. Immutable and thread-safe.</summary>
internal sealed class SimpleType
{
    /// <summary>The name in the schema.</summary>
    public required string Name { get; init; }

    /// <summary>The built-in type.</summary>
    public required ValueKind Kind { get; init; }

    /// <summary>The minimum number of characters, or of bytes for base64.</summary>
    public int MinLength { get; init; }

    /// <summary>The maximum number of characters, or of bytes for base64.</summary>
    public int MaxLength { get; init; } = int.MaxValue;

    /// <summary>Whether the values of the type are IBANs, which have check digits.</summary>
    public bool IsIban => Name == "IBAN2007Identifier";

    /// <summary>The pattern; null if any text is allowed.</summary>
    public TextPattern? Pattern { get; init; }

    /// <summary>The allowed texts; empty if any text is allowed.</summary>
    public byte[][] Values { get; init; } = [];

    /// <summary>The maximum number of digits.</summary>
    public int TotalDigits { get; init; } = int.MaxValue;

    /// <summary>The maximum number of fraction digits.</summary>
    public int FractionDigits { get; init; } = int.MaxValue;

    /// <summary>The minimum, 0 or 1; null for none.</summary>
    public int? MinInclusive { get; init; }

    /// <summary>Validates a text.</summary>
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
        // A character has at least one byte, so most lengths are decided without counting characters.
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

    // The text is valid UTF-8, so every byte that is not a continuation byte begins a character.
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
