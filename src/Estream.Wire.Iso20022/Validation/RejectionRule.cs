namespace Estream.Wire.Iso20022.Validation;

/// <summary>Checks that rejections in a status report have a reason: a transaction needs its own reason or a reason of its group; a group
/// needs its own reason or a reason of a transaction.</summary>
internal sealed class RejectionRule
{
    // The depth of a group or transaction: Document, message, element.
    private const int Depth = 3;

    private bool _isRejected;
    private bool _hasReason;
    private bool _isGroupRejected;
    private bool _hasReasonAnywhere;

    /// <summary>Called at the end of an element with valid text.</summary>
    /// <param name="open">The open elements, including this one.</param>
    /// <param name="value">The text of the element.</param>
    public void Take(ReadOnlySpan<Frame> open, ReadOnlySpan<byte> value)
    {
        bool isStatus = open.Length == Depth + 1 && (IsNamed(open[3], "TxSts"u8) || IsNamed(open[3], "GrpSts"u8));
        _isRejected |= isStatus && value.SequenceEqual("RJCT"u8);
    }

    /// <summary>Called at the end of an element.</summary>
    /// <param name="open">The open elements, including this one.</param>
    /// <param name="position">The position in the bytes.</param>
    /// <param name="findings">Receives findings.</param>
    public void End(ReadOnlySpan<Frame> open, long position, FindingList findings)
    {
        if (open.Length == Depth + 1)
        {
            _hasReason |= IsNamed(open[3], "StsRsnInf"u8);
        }
        else if (open.Length == Depth)
        {
            EndOne(open, position, findings);
        }
        else if (open.Length == Depth - 1)
        {
            if (_isGroupRejected && !_hasReasonAnywhere)
            {
                findings.Add(Iso20022Reason.MissingReason, position, open, "OrgnlGrpInfAndSts/StsRsnInf"u8);
            }

            Reset();
        }
    }

    /// <summary>Prepares for another message.</summary>
    public void Reset()
    {
        _isRejected = false;
        _hasReason = false;
        _isGroupRejected = false;
        _hasReasonAnywhere = false;
    }

    private void EndOne(ReadOnlySpan<Frame> open, long position, FindingList findings)
    {
        _hasReasonAnywhere |= _hasReason;
        if (_isRejected && IsNamed(open[2], "OrgnlGrpInfAndSts"u8))
        {
            // The reason may be in one of the transactions that follow.
            _isGroupRejected = true;
        }
        else if (_isRejected && !_hasReason && !(_isGroupRejected && _hasReasonAnywhere))
        {
            findings.Add(Iso20022Reason.MissingReason, position, open, "StsRsnInf"u8);
        }

        _isRejected = false;
        _hasReason = false;
    }

    private static bool IsNamed(Frame frame, ReadOnlySpan<byte> name) => name.SequenceEqual(frame.Element.Name);
}
