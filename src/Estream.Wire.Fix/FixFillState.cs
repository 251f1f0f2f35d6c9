namespace Estream.Wire.Fix;

/// <summary>What an execution report says of its order that a fill does not: the gateway's own state, which is given and never
/// invented.</summary>
public readonly ref struct FixFillState
{
    /// <summary>Creates the state.</summary>
    /// <param name="cumQuantity">CumQty (14): what was filled in all, this fill included, in base units.</param>
    /// <param name="leavesQuantity">LeavesQty (151): what is open still; 0 says that the order is filled (39=2).</param>
    /// <param name="averagePrice">AvgPx (6), 8 decimals.</param>
    /// <param name="clientOrderId">ClOrdID (11); empty where the order's id was made of it.</param>
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

    /// <summary>AvgPx (6), 8 decimals.</summary>
    public ulong AveragePrice { get; }

    /// <summary>ClOrdID (11); empty where the order's id was made of it.</summary>
    public ReadOnlySpan<byte> ClientOrderId { get; }
}
