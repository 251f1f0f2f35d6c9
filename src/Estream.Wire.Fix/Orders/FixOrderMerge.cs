using Estream.Fix;

namespace Estream.Wire.Fix.Orders;

/// <summary>Compares and merges states of an order.</summary>
internal static class FixOrderMerge
{
    private const int MaxExecIds = 16;

    /// <summary>Whether one of the last 16 reports in a state has an ExecID.</summary>
    public static bool HasReport(in FixOrderState.View state, ReadOnlySpan<byte> execId)
    {
        foreach (ReadOnlySpan<byte> known in state.ExecIds)
        {
            if (known.SequenceEqual(execId))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a report begins another order that reuses the names of an order with a final status.</summary>
    public static bool IsNextOrder(in FixOrderState.View report, in FixOrderState.View state)
    {
        return state.IsFinal && report.ExecType is FixExecType.New or FixExecType.PendingNew && report.UpdatedAt > state.UpdatedAt
            && !report.OrderId.SequenceEqual(state.OrderId);
    }

    /// <summary>Whether a state that arrived later is newer than a state that arrived before.</summary>
    public static bool IsNewer(in FixOrderState.View arrived, in FixOrderState.View before)
    {
        if (arrived.UpdatedAt != before.UpdatedAt)
        {
            return arrived.UpdatedAt > before.UpdatedAt;
        }

        bool isCorrection = arrived.ExecType is FixExecType.TradeCancel or FixExecType.TradeCorrect;
        return isCorrection || (arrived.CumulativeQuantity == before.CumulativeQuantity
            ? Progress(arrived) >= Progress(before)
            : arrived.CumulativeQuantity > before.CumulativeQuantity);
    }

    /// <summary>Writes the state of an order after a single report.</summary>
    /// <returns>The length of the state.</returns>
    public static int OfReport(in FixExecutionReport.View report, Span<byte> destination)
    {
        FixOrderState.Writer to = FixOrderState.Write(destination);
        AddTerms(report, ref to);
        AddStatus(report, ref to);
        AddTotals(report, ref to);
        var ids = to.BeginExecIds();
        if (CanRepeat(report.ExecId))
        {
            ids.Add(report.ExecId);
        }

        to.EndExecIds(ids);
        var times = to.BeginValueTimes();
        for (int value = 0; value < FixOrderValues.Count; value++)
        {
            times.Add(report.TransactedAt ?? report.SentAt);
        }

        to.EndValueTimes(times);
        return to.Length;
    }

    /// <summary>Writes the state of an order from an older and a newer state: the newer values, and older ones that the newer state does
    /// not have.</summary>
    /// <param name="older">The older state.</param>
    /// <param name="newer">The newer state.</param>
    /// <param name="isNewerLast">Whether the newer state arrived last. Of more than 16 ExecIDs, the first ones are dropped.</param>
    /// <param name="destination">Receives the state.</param>
    /// <returns>The length of the state.</returns>
    public static int Of(in FixOrderState.View older, in FixOrderState.View newer, bool isNewerLast, Span<byte> destination)
    {
        FixOrderState.Writer to = FixOrderState.Write(destination);
        FixOrderValues values = new(older, newer);
        values.MergeTerms(ref to);
        MergeStatus(newer, ref to);
        values.MergeTotals(ref to);
        if (isNewerLast)
        {
            MergeExecIds(older, newer, ref to);
        }
        else
        {
            MergeExecIds(newer, older, ref to);
        }

        values.MergeTimes(ref to);
        return to.Length;
    }

    private static void MergeExecIds(in FixOrderState.View first, in FixOrderState.View last, ref FixOrderState.Writer to)
    {
        var ids = to.BeginExecIds();
        int skipped = Math.Max(0, first.ExecIds.Count + last.ExecIds.Count - MaxExecIds);
        foreach (ReadOnlySpan<byte> id in first.ExecIds)
        {
            if (skipped-- <= 0)
            {
                ids.Add(id);
            }
        }

        foreach (ReadOnlySpan<byte> id in last.ExecIds)
        {
            ids.Add(id);
        }

        to.EndExecIds(ids);
    }

    private static void AddTerms(in FixExecutionReport.View report, ref FixOrderState.Writer to)
    {
        if (report.HasClientOrderId)
        {
            to.SetClientOrderId(report.ClientOrderId);
        }

        to.SetOrderId(report.OrderId);
        to.SetInstrument(report.Instrument);

        if (report.Side is { } side)
        {
            to.Side = side;
        }

        to.SetSideCode(report.SideCode);

        if (report.OrderType is { } orderType)
        {
            to.OrderType = orderType;
        }

        if (report.HasOrderTypeCode)
        {
            to.SetOrderTypeCode(report.OrderTypeCode);
        }

        if (report.TimeInForce is { } timeInForce)
        {
            to.TimeInForce = timeInForce;
        }

        if (report.HasTimeInForceCode)
        {
            to.SetTimeInForceCode(report.TimeInForceCode);
        }

        if (report.Quantity is { } quantity)
        {
            to.Quantity = quantity;
        }

        if (report.Price is { } price)
        {
            to.Price = price;
        }

        if (report.StopPrice is { } stopPrice)
        {
            to.StopPrice = stopPrice;
        }

        if (report.ExpiresAt is { } expiresAt)
        {
            to.ExpiresAt = expiresAt;
        }

        if (report.HasExpiresOn)
        {
            to.SetExpiresOn(report.ExpiresOn);
        }
    }

    private static void AddStatus(in FixExecutionReport.View report, ref FixOrderState.Writer to)
    {
        if (report.ExecType is { } execType)
        {
            to.ExecType = execType;
        }

        to.SetExecTypeCode(report.ExecTypeCode);

        if (report.Status is { } status)
        {
            to.Status = status;
        }

        to.SetStatusCode(report.StatusCode);
        to.IsFinal = report.Status is FixOrderStatus.Filled or FixOrderStatus.Canceled or FixOrderStatus.Rejected or FixOrderStatus.Expired;
        to.LeavesQuantity = report.LeavesQuantity;
        to.CumulativeQuantity = report.CumulativeQuantity;
    }

    private static void AddTotals(in FixExecutionReport.View report, ref FixOrderState.Writer to)
    {
        if (report.AveragePrice is { } averagePrice)
        {
            to.AveragePrice = averagePrice;
        }

        if (report.LastQuantity is > 0 and { } lastQuantity)
        {
            to.LastQuantity = lastQuantity;
            if (report.LastPrice is { } lastPrice)
            {
                to.LastPrice = lastPrice;
            }
        }

        if (report.RejectReason is { } rejectReason)
        {
            to.RejectReason = rejectReason;
        }

        if (report.RestatementReason is { } restatementReason)
        {
            to.RestatementReason = restatementReason;
        }

        if (report.HasVenue)
        {
            to.SetVenue(report.Venue);
        }

        to.UpdatedAt = report.TransactedAt ?? report.SentAt;
        to.Reports = 1;
        if (report.HasText)
        {
            to.SetText(report.Text);
        }
    }

    private static void MergeStatus(in FixOrderState.View newer, ref FixOrderState.Writer to)
    {
        if (newer.ExecType is { } execType)
        {
            to.ExecType = execType;
        }

        to.SetExecTypeCode(newer.ExecTypeCode);
        if (newer.Status is { } status)
        {
            to.Status = status;
        }

        to.SetStatusCode(newer.StatusCode);
        to.IsFinal = newer.IsFinal;
        to.LeavesQuantity = newer.LeavesQuantity;
        to.CumulativeQuantity = newer.CumulativeQuantity;
    }

    /// <summary>Whether the ExecID names a report. In FIX 4.2 every answer to a status request has the ExecID 0.</summary>
    private static bool CanRepeat(ReadOnlySpan<byte> execId)
    {
        return !execId.SequenceEqual("0"u8);
    }

    private static int Progress(in FixOrderState.View state)
    {
        return state.IsFinal ? 3 : state.Status switch
        {
            FixOrderStatus.PendingNew => 0,
            FixOrderStatus.New => 1,
            _ => 2,
        };
    }
}
