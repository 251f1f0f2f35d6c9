namespace Estream.Wire.Fix;

/// <summary>The state of an order after a fill. An execution report must contain this state and a fill does not, so the caller provides
/// it.</summary>
public readonly ref struct FixFillState
{
    /// <summary>Creates the state.</summary>
    /// <param name="cumQuantity">CumQty (14): the total filled quantity including this fill, in base units.</param>
    /// <param name="leavesQuantity">LeavesQty (151): the open quantity; 0 means that the order is filled (39=2).</param>
    /// <param name="averagePrice">AvgPx (6) with 8 decimals.</param>
    /// <param name="clientOrderId">ClOrdID (11); empty if it equals the text of the fill's order_id.</param>
    public FixFillState(ulong cumQuantity, ulong leavesQuantity, ulong averagePrice, ReadOnlySpan<byte> clientOrderId = default)
    {
        CumQuantity = cumQuantity;
        LeavesQuantity = leavesQuantity;
        AveragePrice = averagePrice;
        ClientOrderId = clientOrderId;
    }

    /// <summary>CumQty (14).</summary>
    public ulong CumQuantity { get; }

    /// <summary>LeavesQty (151).</summary>
    public ulong LeavesQuantity { get; }

    /// <summary>AvgPx (6) with 8 decimals.</summary>
    public ulong AveragePrice { get; }

    /// <summary>ClOrdID (11); empty if it equals the text of the fill's order_id.</summary>
    public ReadOnlySpan<byte> ClientOrderId { get; }
}
