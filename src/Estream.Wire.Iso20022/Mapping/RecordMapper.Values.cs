using Estream.Esf.Internal;
using Estream.Wire.Iso20022.Schema;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>Values other than text. The validator reports text that is not a number; here it counts as a value that does not fit.</summary>
internal sealed partial class RecordMapper
{
    private bool TryNumber(int record, FieldPlan field, ReadOnlySpan<byte> text) =>
        DecimalText.TryRead(text, out DecimalText number)
        && number.Whole.Length <= MessageMapper.MaxDigits
        && _writer.TryInteger(record, field, number.IsNegative, ValueOf(number.Whole, 0));

    private bool TryFlag(int record, FieldPlan field, ReadOnlySpan<byte> text)
    {
        _writer.SetFlag(record, field, text.SequenceEqual("true"u8) || text.SequenceEqual("1"u8));
        return true;
    }

    private bool TryAmount(int record, FieldPlan field, RecordAmount amount, ReadOnlySpan<byte> currency, ReadOnlySpan<byte> text)
    {
        DecimalText.TryRead(text, out DecimalText number);
        ReadOnlySpan<byte> fraction = number.FractionWithin(MessageMapper.MaxDigits, MessageMapper.MaxFractionDigits);
        if (number.Whole.Length + fraction.Length > MessageMapper.MaxDigits || !_writer.TryBeginObject(amount.Record, out int start))
        {
            return false;
        }

        ulong value = ValueOf(fraction, ValueOf(number.Whole, 0));
        bool fits = _writer.TryInteger(start, amount.Value, number.IsNegative, value)
            && _writer.TryInteger(start, amount.Scale, isNegative: false, (ulong)fraction.Length)
            && (amount.Currency is null || _writer.TryText(start, amount.Currency, currency));
        _writer.SetReference(record, field, start);
        return fits;
    }

    // The caller ensures that the digits fit into an i64.
    private static ulong ValueOf(ReadOnlySpan<byte> digits, ulong before)
    {
        ulong value = before;
        foreach (byte digit in digits)
        {
            value = (value * 10) + (uint)(digit - '0');
        }

        return value;
    }
}
