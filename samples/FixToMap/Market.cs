using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Map;
using Estream.Queue;
using Estream.Trading;
using Estream.Wire;
using Estream.Wire.Fix;
using Samples.Risk;

/// <summary>
/// Stands for the market: fills every order that the circuit lets pass, wholly and at its limit, and answers those it refuses. A kill
/// between a fill and its report sends the report again; ExecID is the same then.
/// </summary>
internal sealed class Market : IDisposable
{
    private const int MaxFillBytes = 512;

    private readonly FixSession _session;
    private readonly FixTranslator _translator = new(FixProtocol.Fix44);
    private readonly FixMessageBuilder _report = new("8");
    private readonly QueueTailer _judged;
    private readonly QueueAppender _fills;
    private readonly StateMap<Utf8Key64, Position> _positions;
    private bool _isReportWaiting;

    public Market(Places places, string positions, FixSession session)
    {
        _session = session;
        _judged = places.Queue("judged").CreateTailer("market");
        _fills = places.Queue("fills").CreateAppender(AppenderMode.Exclusive);
        _positions = StateMap.Open<Utf8Key64, Position>(positions);
    }

    /// <summary>Works through what the circuit has judged since the last look, while somebody is there to be told.</summary>
    public void Look()
    {
        while (TrySendReport() && _session.IsLoggedOn && _judged.TryRead(out QueueMessage message))
        {
            JudgedOrder.View order = JudgedOrder.View.Of(message.Payload);
            string? refusal = order.IsHalted ? "the desk is halted"
                : order.IsBeyondLimits ? "beyond the limits of the desk"
                : order.IsFatFinger ? "more than one order may cost"
                : null;
            if (refusal is null)
            {
                Fill(order, message.Sequence);
            }
            else
            {
                Refuse(order, refusal);
            }
        }
    }

    public void Dispose()
    {
        _judged.Dispose();
        _fills.Dispose();
        _positions.Dispose();
    }

    private void Fill(JudgedOrder.View order, long sequence)
    {
        using AppendClaim claim = _fills.Claim(MaxFillBytes);
        EStreamFill.Writer fill = EStreamFill.Write(claim.Span);
        fill.SetFillId(order.OrderId);
        fill.SetOrderId(order.OrderId);
        fill.SetInstrument(order.Instrument);
        fill.Side = order.IsBuy ? OrderSide.Buy : OrderSide.Sell;
        fill.Quantity = order.Quantity;
        fill.Price = order.Price;
        fill.ExecutedAt = SystemClock.Instance.UtcNanos;
        FixFillState state = new(order.Quantity, 0, order.Price, order.ClientOrderId);
        TranslateStatus status = _translator.ToFix(new EsfMessage(EStreamFill.Schema, claim.Span[..fill.Length]), state, _report);
        claim.Commit(fill.Length);
        Move(order, sequence);
        Console.WriteLine(status.IsOk ? $"filled {Encoding.UTF8.GetString(order.ClientOrderId)}" : status.Describe(default));
        _isReportWaiting = status.IsOk;
    }

    private void Move(JudgedOrder.View order, long sequence)
    {
        if (!Utf8Key64.TryCreate(order.Instrument, out Utf8Key64 instrument))
        {
            return;
        }

        // After a kill the same order may come again; it is in the position already then.
        if (_positions.TryGet(instrument, out Position position) && position.Sequence >= sequence)
        {
            return;
        }

        long held = position.Held + (order.IsBuy ? (long)order.Quantity : -(long)order.Quantity);
        _positions.Put(instrument, new Position(held, sequence));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"position {instrument} {held}"));
    }

    /// <summary>An execution report of an order that was refused (150=8, 39=8) is no fill, so it is written here field by field.</summary>
    private void Refuse(JudgedOrder.View order, string reason)
    {
        string name = Encoding.UTF8.GetString(order.ClientOrderId);
        _report.Clear("8").Add(37, "NONE").Add(11, name).Add(17, $"refused {name}").Add(150, "8").Add(39, "8").Add(55, order.Instrument)
            .Add(54, order.IsBuy ? "1" : "2").Add(151, 0).Add(14, 0).Add(6, 0).Add(58, reason);
        _isReportWaiting = true;
        Console.WriteLine($"refused {name}: {reason}");
    }

    /// <summary>Sends the last report, unless it has been. The desk may have gone since its order was judged: then it is told when it is back.</summary>
    private bool TrySendReport()
    {
        _isReportWaiting = _isReportWaiting && _session.Send(_report) == FixSendStatus.NotLoggedOn;
        return !_isReportWaiting;
    }
}

/// <summary>What the desk holds of an instrument.</summary>
/// <param name="Held">Bought less sold.</param>
/// <param name="Sequence">The last order in it, by its number in the queue.</param>
internal readonly record struct Position(long Held, long Sequence);
