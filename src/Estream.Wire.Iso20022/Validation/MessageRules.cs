using System.Buffers.Text;
using System.Globalization;
using Estream.Wire.Iso20022.Schema;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Validation;

/// <summary>
/// Checks rules beyond the schema: <see cref="Iso20022Checks.SchemaAndRules"/>. It keeps a few numbers and at most 65,536 unique
/// references, however long the message is. Sums are exact.
/// </summary>
/// <param name="isCrossBorder">Whether the rules of CBPR+ apply too.</param>
internal sealed class MessageRules(bool isCrossBorder)
{
    // References beyond this number are not checked for duplicates.
    private const int MaxReferences = 65_536;

    // 35 characters in UTF-8.
    private const int MaxDefinitionBytes = 140;

    // Amounts have at most 5 fraction digits.
    private const int Scale = 5;

    // The depth of fields: Document, message, header or transaction, field.
    private const int DepthOfFields = 4;

    private readonly byte[] _currency = new byte[8];
    private readonly byte[] _totalCurrency = new byte[8];
    private readonly byte[] _definition = new byte[MaxDefinitionBytes];
    private readonly HashSet<Guid> _references = [];
    private readonly BalanceRule _balances = new();
    private readonly RejectionRule _rejections = new();
    private int _currencyLength;
    private int _totalCurrencyLength;
    private int _definitionLength;
    private long? _declaredCount;
    private Int128? _controlSum;
    private Int128? _total;
    private long _count;
    private Int128 _sum;

    /// <summary>Called for the attribute of the open element: a currency.</summary>
    public void TakeCurrency(ReadOnlySpan<byte> value)
    {
        _currencyLength = Math.Min(value.Length, _currency.Length);
        value[.._currencyLength].CopyTo(_currency);
    }

    /// <summary>Called at the end of an element of the header.</summary>
    public void TakeOfHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual("MsgDefIdr"u8))
        {
            value.CopyTo(_definition);
            _definitionLength = value.Length;
        }
    }

    /// <summary>Whether the preceding header, if any, names the version of the message.</summary>
    public bool IsOfHeader(MessageSchema schema) =>
        _definitionLength == 0 || schema.NamespaceUri.AsSpan(MessageSchema.NamespacePrefix.Length)
            .SequenceEqual(_definition.AsSpan(0, _definitionLength));

    /// <summary>Called at the end of an element whose text is valid by the schema.</summary>
    /// <param name="open">The open elements, including this one.</param>
    /// <param name="value">The text of the element.</param>
    public Iso20022Reason Take(ReadOnlySpan<Frame> open, ReadOnlySpan<byte> value)
    {
        Frame last = open[^1];
        if (last.Type.Text!.IsIban)
        {
            return Iban.HasRightCheckDigits(value) ? Iso20022Reason.None : Iso20022Reason.WrongCheckDigits;
        }

        ReadOnlySpan<byte> currency = last.Type.Attributes.Length > 0 ? _currency.AsSpan(0, _currencyLength) : default;
        Iso20022Reason reason = CheckOne(open, value, currency);
        _balances.Take(open, value, currency);
        _rejections.Take(open, value);
        Iso20022Reason field = open.Length == DepthOfFields ? TakeField(open, value) : Iso20022Reason.None;
        return reason == Iso20022Reason.None ? field : reason;
    }

    private Iso20022Reason CheckOne(ReadOnlySpan<Frame> open, ReadOnlySpan<byte> value, ReadOnlySpan<byte> currency)
    {
        ReadOnlySpan<byte> name = open[^1].Element.Name;
        if (!currency.IsEmpty)
        {
            bool isExact = !DecimalText.TryRead(value.Trim(XmlText.Blanks), out DecimalText number)
                || number.SignificantFraction.Length <= CurrencyDigits.Of(currency);
            return !isExact ? Iso20022Reason.MoreThanMinorUnits
                : isCrossBorder && CurrencyDigits.IsIn(CurrencyDigits.Commodities, currency) ? Iso20022Reason.NotForCrossBorder
                : Iso20022Reason.None;
        }

        if (name.SequenceEqual("UETR"u8) && open.Length == DepthOfFields + 1)
        {
            bool isNew = _references.Count >= MaxReferences || !Utf8Parser.TryParse(value, out Guid reference, out _)
                || _references.Add(reference);
            return isNew ? Iso20022Reason.None : Iso20022Reason.RepeatedReference;
        }

        bool isSlashed = isCrossBorder && name.SequenceEqual("InstrId"u8)
            && (value.StartsWith("/"u8) || value.EndsWith("/"u8) || value.IndexOf("//"u8) >= 0);
        return isSlashed ? Iso20022Reason.NotForCrossBorder : Iso20022Reason.None;
    }

    private Iso20022Reason TakeField(ReadOnlySpan<Frame> open, ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> parent = open[^2].Element.Name;
        ReadOnlySpan<byte> name = open[^1].Element.Name;
        if (parent.SequenceEqual("GrpHdr"u8))
        {
            TakeOfGroup(name, value);
        }
        else if (parent.SequenceEqual("CdtTrfTxInf"u8) && name.SequenceEqual("IntrBkSttlmAmt"u8))
        {
            _sum += Scaled(value) ?? 0;
            bool isOther = _totalCurrencyLength > 0 && _currencyLength > 0 && !_currency.AsSpan(0, _currencyLength)
                .SequenceEqual(_totalCurrency.AsSpan(0, _totalCurrencyLength));
            return isOther ? Iso20022Reason.DifferentCurrencies : Iso20022Reason.None;
        }

        return Iso20022Reason.None;
    }

    /// <summary>Called at the end of an element of the message.</summary>
    /// <param name="open">The open elements, including this one.</param>
    /// <param name="position">The position in the bytes.</param>
    /// <param name="findings">Receives findings.</param>
    public void End(ReadOnlySpan<Frame> open, long position, FindingList findings)
    {
        _balances.End(open, position, findings);
        _rejections.End(open, position, findings);
        if (open.Length == DepthOfFields - 1 && open[^1].Element.Name.AsSpan().SequenceEqual("CdtTrfTxInf"u8))
        {
            _count++;
        }
        else if (open.Length == DepthOfFields - 2)
        {
            Require(_declaredCount is null || _declaredCount == _count, Iso20022Reason.WrongCount, "GrpHdr/NbOfTxs"u8, open, position,
                findings);
            Require(_controlSum is null || _controlSum == _sum, Iso20022Reason.WrongSum, "GrpHdr/CtrlSum"u8, open, position, findings);
            Require(_total is null || _total == _sum, Iso20022Reason.WrongSum, "GrpHdr/TtlIntrBkSttlmAmt"u8, open, position, findings);
        }
    }

    /// <summary>Prepares for another message.</summary>
    public void Reset()
    {
        _currencyLength = 0;
        _totalCurrencyLength = 0;
        _definitionLength = 0;
        _declaredCount = null;
        _controlSum = null;
        _total = null;
        _count = 0;
        _sum = 0;
        _references.Clear();
        _balances.Reset();
        _rejections.Reset();
    }

    private void TakeOfGroup(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual("NbOfTxs"u8))
        {
            _declaredCount = long.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture);
        }
        else if (name.SequenceEqual("CtrlSum"u8))
        {
            // A control sum with more fraction digits than an amount has cannot equal any sum of amounts. -1 never equals a sum.
            _controlSum = Scaled(value) ?? -1;
        }
        else if (name.SequenceEqual("TtlIntrBkSttlmAmt"u8))
        {
            _total = Scaled(value) ?? -1;
            _totalCurrencyLength = _currencyLength;
            _currency.CopyTo(_totalCurrency, 0);
        }
    }

    private static void Require(bool holds, Iso20022Reason reason, ReadOnlySpan<byte> name, ReadOnlySpan<Frame> open, long position,
        FindingList findings)
    {
        if (!holds)
        {
            findings.Add(reason, position, open, name);
        }
    }

    /// <summary>Returns a number in units of 0.00001; null if the number has more fraction digits.</summary>
    internal static Int128? Scaled(ReadOnlySpan<byte> value)
    {
        if (!DecimalText.TryRead(value.Trim(XmlText.Blanks), out DecimalText number) || number.SignificantFraction.Length > Scale)
        {
            return null;
        }

        Int128 scaled = 0;
        foreach (byte digit in number.Whole)
        {
            scaled = (scaled * 10) + (digit - '0');
        }

        ReadOnlySpan<byte> fraction = number.SignificantFraction;
        for (int index = 0; index < Scale; index++)
        {
            scaled = (scaled * 10) + (index < fraction.Length ? fraction[index] - '0' : 0);
        }

        return number.IsNegative ? -scaled : scaled;
    }
}
