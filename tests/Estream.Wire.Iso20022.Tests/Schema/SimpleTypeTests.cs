using System.Text;
using Estream.Wire.Iso20022.Schema;

namespace Estream.Wire.Iso20022.Tests.Schema;

/// <summary>Each facet accepts a value at its limit and refuses the next value, by the meaning of the value and not by its
/// spelling.</summary>
public sealed class SimpleTypeTests
{
    private static readonly SimpleType s_text = new() { Name = "Text", Kind = ValueKind.Text, MinLength = 2, MaxLength = 3 };

    private static readonly SimpleType s_binary = new() { Name = "Binary", Kind = ValueKind.Binary, MinLength = 2, MaxLength = 3 };

    private static readonly SimpleType s_code = new()
    {
        Name = "Code",
        Kind = ValueKind.Text,
        Values = [.. new[] { "CRDT", "DBIT" }.Select(code => Encoding.UTF8.GetBytes(code))],
    };

    private static readonly SimpleType s_amount = new()
    {
        Name = "Amount",
        Kind = ValueKind.Number,
        TotalDigits = 6,
        FractionDigits = 2,
        MinInclusive = 0,
    };

    private static readonly SimpleType s_rate = new() { Name = "Rate", Kind = ValueKind.Number, TotalDigits = 4, FractionDigits = 4 };

    private static readonly SimpleType s_positive = new() { Name = "Positive", Kind = ValueKind.Number, MinInclusive = 1 };

    [Theory]
    [InlineData("", Iso20022Reason.TooShort)]
    [InlineData("a", Iso20022Reason.TooShort)]
    [InlineData("ä", Iso20022Reason.TooShort)]
    [InlineData("ab", Iso20022Reason.None)]
    [InlineData("äöü", Iso20022Reason.None)]
    [InlineData("𝄞𝄞𝄞", Iso20022Reason.None)]
    [InlineData("abcd", Iso20022Reason.TooLong)]
    [InlineData("äöüß", Iso20022Reason.TooLong)]
    [InlineData(" a ", Iso20022Reason.None)]
    public void Text_length_counts_characters_not_bytes(string text, Iso20022Reason reason) => Require(reason, s_text, text);

    [Theory]
    [InlineData("YQ==", Iso20022Reason.TooShort)]
    [InlineData("", Iso20022Reason.TooShort)]
    [InlineData("YWI=", Iso20022Reason.None)]
    [InlineData(" YW\nJj ", Iso20022Reason.None)]
    [InlineData("YWJjZA==", Iso20022Reason.TooLong)]
    [InlineData("YWI", Iso20022Reason.WrongPattern)]
    [InlineData("YW=I", Iso20022Reason.WrongPattern)]
    [InlineData("YW_-", Iso20022Reason.WrongPattern)]
    [InlineData("YWÄ=", Iso20022Reason.WrongPattern)]
    public void Base64_length_counts_bytes(string text, Iso20022Reason reason) => Require(reason, s_binary, text);

    [Theory]
    [InlineData("CRDT", Iso20022Reason.None)]
    [InlineData("CRD", Iso20022Reason.UnknownCode)]
    [InlineData("CRDT ", Iso20022Reason.UnknownCode)]
    [InlineData("crdt", Iso20022Reason.UnknownCode)]
    public void A_code_must_be_in_the_list(string text, Iso20022Reason reason) => Require(reason, s_code, text);

    [Theory]
    [InlineData("0", Iso20022Reason.None)]
    [InlineData("-0.00", Iso20022Reason.None)]
    [InlineData("+1.5", Iso20022Reason.None)]
    [InlineData(".5", Iso20022Reason.None)]
    [InlineData("5.", Iso20022Reason.None)]
    [InlineData("\n 1.50\t", Iso20022Reason.None)]
    [InlineData("000000001.5000000", Iso20022Reason.None)]
    [InlineData("9999.99", Iso20022Reason.None)]
    [InlineData("999999", Iso20022Reason.None)]
    [InlineData("1000000", Iso20022Reason.TooManyDigits)]
    [InlineData("10000.01", Iso20022Reason.TooManyDigits)]
    [InlineData("0.001", Iso20022Reason.TooManyFractionDigits)]
    [InlineData("-0.01", Iso20022Reason.TooLittle)]
    [InlineData("", Iso20022Reason.NotANumber)]
    [InlineData(".", Iso20022Reason.NotANumber)]
    [InlineData("-", Iso20022Reason.NotANumber)]
    [InlineData("--1", Iso20022Reason.NotANumber)]
    [InlineData("1.2.3", Iso20022Reason.NotANumber)]
    [InlineData("1,5", Iso20022Reason.NotANumber)]
    [InlineData("1e2", Iso20022Reason.NotANumber)]
    [InlineData("1 5", Iso20022Reason.NotANumber)]
    [InlineData("INF", Iso20022Reason.NotANumber)]
    [InlineData("٣", Iso20022Reason.NotANumber)]
    public void Digit_limits_apply_to_the_value(string text, Iso20022Reason reason) => Require(reason, s_amount, text);

    [Theory]
    [InlineData("0.0001", Iso20022Reason.None)]
    [InlineData("-0.1234", Iso20022Reason.None)]
    [InlineData("1.234", Iso20022Reason.None)]
    [InlineData("1.2345", Iso20022Reason.TooManyDigits)]
    [InlineData("0.00001", Iso20022Reason.TooManyFractionDigits)]
    public void A_fraction_may_use_all_digits(string text, Iso20022Reason reason) => Require(reason, s_rate, text);

    [Theory]
    [InlineData("1", Iso20022Reason.None)]
    [InlineData("0.99", Iso20022Reason.TooLittle)]
    [InlineData("-2", Iso20022Reason.TooLittle)]
    public void A_number_type_can_refuse_values_below_one(string text, Iso20022Reason reason) => Require(reason, s_positive, text);

    [Theory]
    [InlineData(nameof(ValueKind.Boolean), "true false 1 0")]
    [InlineData(nameof(ValueKind.Date), "2026-11-22 2024-02-29 2026-11-22Z 2026-11-22+14:00 0001-01-01 9999-12-31-00:30")]
    [InlineData(nameof(ValueKind.DateTime),
        "2026-11-22T23:59:59 2026-11-22T00:00:00.123456789Z 2026-11-22T12:00:00-05:30 2026-11-22T24:00:00")]
    [InlineData(nameof(ValueKind.Time), "00:00:00 23:59:59.9 12:00:00Z 12:00:00+01:00")]
    [InlineData(nameof(ValueKind.Year), "2026 0001 2026Z")]
    [InlineData(nameof(ValueKind.YearMonth), "2026-11 2026-01+02:00")]
    public void A_valid_value_of_each_kind_is_accepted(string kind, string texts)
    {
        Assert.All(texts.Split(' '), text => Require(Iso20022Reason.None, Of(kind), $" {text}\n"));
    }

    [Theory]
    [InlineData(nameof(ValueKind.Boolean), "|True|yes|2|truee")]
    [InlineData(nameof(ValueKind.Date),
        "|2026|2026-11|2026-1-22|2026-13-01|2026-00-01|2026-11-31|2026-11-00|2023-02-29|0000-01-01|26-11-22"
        + "|2026-11-22T|2026-11-22T00:00:00|2026-11-22z|2026-11-22+14:01|2026-11-22+1:00|2026-11-22+01:60|2026/11/22|2026-11-2x")]
    [InlineData(nameof(ValueKind.DateTime),
        "|2026-11-22|2026-11-22T|2026-11-22 "
        + "00:00:00|2026-11-22T0:00:00|2026-11-22T00:00|2026-11-22T25:00:00"
        + "|2026-11-22T24:00:01|2026-11-22T24:00:00.1|2026-11-22T00:60:00|2026-11-22T00:00:60"
        + "|2026-11-22T00:00:00.|2026-11-22T00:00:00,5|2026-02-30T00:00:00")]
    [InlineData(nameof(ValueKind.Time), "|24:01:00|1:00:00|00:00|00-00-00|00:00:0x")]
    [InlineData(nameof(ValueKind.Year), "|0000|26|20266|2026-|x026")]
    [InlineData(nameof(ValueKind.YearMonth), "|2026|2026-13|2026-1|2026-00|202611|0000-01")]
    public void An_invalid_value_of_each_kind_is_refused(string kind, string texts)
    {
        Iso20022Reason reason = kind == nameof(ValueKind.Boolean) ? Iso20022Reason.NotABoolean : Iso20022Reason.NotADateOrTime;
        Assert.All(texts.Split('|'), text => Require(reason, Of(kind), text));
    }

    private static SimpleType Of(string kind) => new() { Name = kind, Kind = Enum.Parse<ValueKind>(kind) };

    private static void Require(Iso20022Reason reason, SimpleType type, string text) =>
        Assert.Equal((reason, text), (type.Check(Encoding.UTF8.GetBytes(text)), text));
}
