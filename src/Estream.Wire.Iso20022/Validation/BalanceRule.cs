namespace Estream.Wire.Iso20022.Validation;

/// <summary>
/// That the booked entries of a statement lead from its opening to its closing balance. Asked where a statement says all that is needed:
/// both balances once, all in one currency, and no other pages. A few numbers are kept, however long it is.
/// </summary>
internal sealed class BalanceRule
{
    // Document, the message, the statement, and a balance or an entry.
    private const int Depth = 4;

    private Int128? _opening;
    private Int128? _closing;
    private Int128 _sum;
    private long _entries;
    private int _currency;
    private bool _isUnclear;
    private bool _isPaged;

    // Of the balance or entry that is read.
    private Int128 _amount;
    private bool _isDebit;
    private bool _isBooked;
    private bool _isOpening;
    private bool _isClosing;

    /// <summary>An element ends whose text is right.</summary>
    /// <param name="open">The open elements, it among them.</param>
    /// <param name="value">Its text.</param>
    /// <param name="currency">Its currency, where it is an amount.</param>
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

    /// <summary>An element ends.</summary>
    /// <param name="open">The open elements, it among them.</param>
    /// <param name="position">Where in the bytes.</param>
    /// <param name="findings">Takes what is wrong.</param>
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

    /// <summary>Makes it ready for another message.</summary>
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
            // The text of the oldest versions, and the code of others.
            _isBooked |= value.SequenceEqual("BOOK"u8);
        }
        else if (IsNamed(open[4], "Tp"u8))
        {
            // A balance within the day, or of a part of the account, is another one.
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
