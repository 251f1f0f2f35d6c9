namespace Estream.Wire.Iso20022.Validation;

/// <summary>
/// Checks that the opening balance plus the booked entries of a statement is its closing balance. Applies only if the statement has all
/// values: each balance once, one currency, and no further pages. Keeps a few numbers, however long the statement is.
/// </summary>
internal sealed class BalanceRule
{
    // The depth of a balance or an entry: Document, message, statement, element.
    private const int Depth = 4;

    private Int128? _opening;
    private Int128? _closing;
    private Int128 _sum;
    private long _entries;
    private int _currency;
    private bool _isUnclear;
    private bool _isPaged;

    // The state of the current balance or entry.
    private Int128 _amount;
    private bool _isDebit;
    private bool _isBooked;
    private bool _isOpening;
    private bool _isClosing;

    /// <summary>Called at the end of an element with valid text.</summary>
    /// <param name="open">The open elements, including this one.</param>
    /// <param name="value">The text of the element.</param>
    /// <param name="currency">The currency of the element, if the element is an amount.</param>
    public void Take(ReadOnlySpan<Frame> open, ReadOnlySpan<byte> value, ReadOnlySpan<byte> currency)
    {
        if (open.Length <= Depth)
        {
            return;
        }

        _isPaged |= IsNamed(open[3], "MsgPgntn"u8);
        _isUnclear |= IsNamed(open[3], "StmtPgntn"u8);
        if (IsNamed(open[3], "Ntry"u8) || IsNamed(open[3], "Bal"u8))
        {
            TakeField(open, value, currency);
        }
    }

    /// <summary>Called at the end of an element.</summary>
    /// <param name="open">The open elements, including this one.</param>
    /// <param name="position">The position in the bytes.</param>
    /// <param name="findings">Receives findings.</param>
    public void End(ReadOnlySpan<Frame> open, long position, FindingList findings)
    {
        if (open.Length == Depth && IsNamed(open[2], "Stmt"u8))
        {
            Add(open[3]);
        }
        else if (open.Length == Depth - 1 && IsNamed(open[2], "Stmt"u8))
        {
            if (!_isUnclear && !_isPaged && _entries > 0 && _opening is { } opening && _closing is { } closing && opening + _sum != closing)
            {
                findings.Add(Iso20022Reason.WrongBalance, position, open, "Bal"u8);
            }

            Begin();
        }
    }

    /// <summary>Prepares for another message.</summary>
    public void Reset()
    {
        _isPaged = false;
        Begin();
    }

    private void Begin()
    {
        _opening = null;
        _closing = null;
        _sum = 0;
        _entries = 0;
        _currency = 0;
        _isUnclear = false;
        Forget();
    }

    private void TakeField(ReadOnlySpan<Frame> open, ReadOnlySpan<byte> value, ReadOnlySpan<byte> currency)
    {
        bool isField = open.Length == Depth + 1;
        if (isField && IsNamed(open[4], "Amt"u8))
        {
            _amount = MessageRules.Scaled(value) ?? 0;
            TakeCurrency(currency);
        }
        else if (isField && IsNamed(open[4], "CdtDbtInd"u8))
        {
            _isDebit = value.SequenceEqual("DBIT"u8);
        }
        else if (IsNamed(open[4], "Sts"u8))
        {
            // The text of the element in the oldest versions, or its code in later versions.
            _isBooked |= value.SequenceEqual("BOOK"u8);
        }
        else if (IsNamed(open[4], "Tp"u8))
        {
            // Intraday balances and balances of a part of the account are different balances.
            bool isWhole = open.Length > 5 && IsNamed(open[5], "CdOrPrtry"u8);
            _isUnclear |= !isWhole;
            _isOpening |= isWhole && (value.SequenceEqual("OPBD"u8) || value.SequenceEqual("PRCD"u8));
            _isClosing |= isWhole && value.SequenceEqual("CLBD"u8);
        }
    }

    private void TakeCurrency(ReadOnlySpan<byte> currency)
    {
        int packed = 0;
        foreach (byte letter in currency)
        {
            packed = (packed << 8) | letter;
        }

        _isUnclear |= _currency != 0 && _currency != packed;
        _currency = packed;
    }

    private void Add(Frame element)
    {
        Int128 amount = _isDebit ? -_amount : _amount;
        if (IsNamed(element, "Ntry"u8))
        {
            _entries++;
            _sum += _isBooked ? amount : 0;
        }
        else if (_isOpening)
        {
            _isUnclear |= _opening is not null;
            _opening = amount;
        }
        else if (_isClosing)
        {
            _isUnclear |= _closing is not null;
            _closing = amount;
        }

        Forget();
    }

    private void Forget()
    {
        _amount = 0;
        _isDebit = false;
        _isBooked = false;
        _isOpening = false;
        _isClosing = false;
    }

    private static bool IsNamed(Frame frame, ReadOnlySpan<byte> name) => name.SequenceEqual(frame.Element.Name);
}
