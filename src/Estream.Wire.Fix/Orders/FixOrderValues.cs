using Estream.Fix;

namespace Estream.Wire.Fix.Orders;

/// <summary>
/// Merges the values that only some reports have. Each value comes from the newest report that has the value, even if reports arrive late.
/// For this comparison, the state stores the time of each value.
/// </summary>
internal readonly ref struct FixOrderValues
{
    /// <summary>The number of values with a time.</summary>
    public const int Count = 11;

    private const int ClientOrderId = 0;
    private const int OrderType = 1;
    private const int TimeInForce = 2;
    private const int Quantity = 3;
    private const int Price = 4;
    private const int StopPrice = 5;
    private const int ExpiresAt = 6;
    private const int ExpiresOn = 7;
    private const int AveragePrice = 8;
    private const int LastFill = 9;
    private const int Venue = 10;

    private readonly FixOrderState.View _older;
    private readonly FixOrderState.View _newer;

    public FixOrderValues(FixOrderState.View older, FixOrderState.View newer)
    {
        _older = older;
        _newer = newer;
    }

    public void MergeTerms(ref FixOrderState.Writer to)
    {
        FixOrderState.View from = From(ClientOrderId);
        if (from.HasClientOrderId)
        {
            to.SetClientOrderId(from.ClientOrderId);
        }

        to.SetOrderId(_newer.OrderId);
        to.SetInstrument(_newer.Instrument);
        if (_newer.Side is { } side)
        {
            to.Side = side;
        }

        to.SetSideCode(_newer.SideCode);
        from = From(OrderType);
        if (from.OrderType is { } orderType)
        {
            to.OrderType = orderType;
        }

        if (from.HasOrderTypeCode)
        {
            to.SetOrderTypeCode(from.OrderTypeCode);
        }

        from = From(TimeInForce);
        if (from.TimeInForce is { } timeInForce)
        {
            to.TimeInForce = timeInForce;
        }

        if (from.HasTimeInForceCode)
        {
            to.SetTimeInForceCode(from.TimeInForceCode);
        }

        MergePrices(ref to);
    }

    public void MergeTotals(ref FixOrderState.Writer to)
    {
        if (From(AveragePrice).AveragePrice is { } averagePrice)
        {
            to.AveragePrice = averagePrice;
        }

        FixOrderState.View from = From(LastFill);
        if (from.LastQuantity is { } lastQuantity)
        {
            to.LastQuantity = lastQuantity;
        }

        if (from.LastPrice is { } lastPrice)
        {
            to.LastPrice = lastPrice;
        }

        // A reason and a text belong to their report.
        if (_newer.RejectReason is { } rejectReason)
        {
            to.RejectReason = rejectReason;
        }

        if (_newer.RestatementReason is { } restatementReason)
        {
            to.RestatementReason = restatementReason;
        }

        from = From(Venue);
        if (from.HasVenue)
        {
            to.SetVenue(from.Venue);
        }

        to.UpdatedAt = _newer.UpdatedAt;
        to.Reports = _older.Reports + _newer.Reports;
        if (_newer.HasText)
        {
            to.SetText(_newer.Text);
        }
    }

    public void MergeTimes(ref FixOrderState.Writer to)
    {
        var times = to.BeginValueTimes();
        for (int value = 0; value < Count; value++)
        {
            times.Add(From(value).ValueTimes[value]);
        }

        to.EndValueTimes(times);
    }

    private void MergePrices(ref FixOrderState.Writer to)
    {
        if (From(Quantity).Quantity is { } quantity)
        {
            to.Quantity = quantity;
        }

        if (From(Price).Price is { } price)
        {
            to.Price = price;
        }

        if (From(StopPrice).StopPrice is { } stopPrice)
        {
            to.StopPrice = stopPrice;
        }

        if (From(ExpiresAt).ExpiresAt is { } expiresAt)
        {
            to.ExpiresAt = expiresAt;
        }

        FixOrderState.View from = From(ExpiresOn);
        if (from.HasExpiresOn)
        {
            to.SetExpiresOn(from.ExpiresOn);
        }
    }

    /// <summary>The state that a value comes from.</summary>
    private FixOrderState.View From(int value)
    {
        bool isOlder = Has(_older, value) && (!Has(_newer, value) || _older.ValueTimes[value] > _newer.ValueTimes[value]);
        return isOlder ? _older : _newer;
    }

    private static bool Has(in FixOrderState.View state, int value)
    {
        return value switch
        {
            ClientOrderId => state.HasClientOrderId,
            OrderType => state.HasOrderTypeCode,
            TimeInForce => state.HasTimeInForceCode,
            Quantity => state.HasQuantity,
            Price => state.HasPrice,
            StopPrice => state.HasStopPrice,
            ExpiresAt => state.HasExpiresAt,
            ExpiresOn => state.HasExpiresOn,
            AveragePrice => state.HasAveragePrice,
            LastFill => state.HasLastQuantity,
            _ => state.HasVenue,
        };
    }
}
