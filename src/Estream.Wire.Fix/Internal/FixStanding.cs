using Estream.Trading;

namespace Estream.Wire.Fix.Internal;

/// <summary>What a fill does to its order.</summary>
internal readonly record struct FixFilled(FixId Fill, FixId Order, ulong Quantity, ulong Price)
{
    public UInt128 Paid => (UInt128)Quantity * Price;

    public static FixFilled Of(EStreamFill.View fill)
    {
        return new FixFilled(FixId.Of(fill.FillId), FixId.Of(fill.OrderId), fill.Quantity, fill.Price);
    }
}

/// <summary>How an order stands.</summary>
/// <param name="Filled">What was filled of it.</param>
/// <param name="Open">What is open still.</param>
/// <param name="Average">At which price, 8 decimals.</param>
/// <param name="ClientOrderId">ClOrdID (11).</param>
internal readonly record struct FixStanding(ulong Filled, ulong Open, ulong Average, byte[] ClientOrderId);
