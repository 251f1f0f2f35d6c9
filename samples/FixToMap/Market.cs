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
/// Simulates the market: fills every order that the circuit lets pass, wholly and at its limit, and answers rejected orders. One commit
/// appends a fill and records that its order was read, so each order is filled once, whenever the process is killed. Reports and positions
/// are derived from that queue: the position stores its last fill, and a report that is sent again after a crash has the same ExecID.
/// </summary>
internal sealed class Market : IDisposable
{
    private const int MaxFillBytes = 512;

    private readonly FixAdapter _gateway;
    private readonly FixSession _session;
    private readonly QueueTailer _judged;
    private readonly QueueAppender _fills;
    private readonly QueueTailer _filled;
    private readonly StateMap<Utf8Key64, Position> _positions;
    private readonly EgressMessage _report = new();
    private readonly FixMessageBuilder _refusal = new("8");

    public Market(Resources places, string positions, FixAdapter gateway)
    {
        _gateway = gateway;
        _session = gateway.Sessions[0];
        _judged = places.Queue("judged").CreateTailer("market", places.Queue("fills"));
        _fills = places.Queue("fills").CreateAppender(AppenderMode.Exclusive);
        _filled = places.Queue("fills").CreateTailer("market");
        _positions = StateMap.Open<Utf8Key64, Position>(positions);
    }

    /// <summary>Processes the fills and the circuit's verdicts since the last call, while the desk is connected to receive
    /// reports.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        while (_session.IsLoggedOn && (TryBook() ? await TryReportAsync(cancellation) : TryJudge()))
        {
        }
    }

    public void Dispose()
    {
        _judged.Dispose();
        _filled.Dispose();
        _fills.Dispose();
        _positions.Dispose();
    }

    /// <summary>Adds the next fill to the position, and creates the report of the fill. The fill stays the next fill until its report is
    /// sent.</summary>
    private bool TryBook()
    {
        if (!_filled.TryPeek(out QueueMessage message))
        {
            return false;
        }

        Move(EStreamFill.View.Of(message.Payload), message.Sequence);
        return _gateway.TranslateEgress(new EsfMessage(EStreamFill.Schema, message.Payload), _report).IsOk;
    }

    /// <summary>Sends the report of the fill. If the desk has disconnected, the report is sent when it is back.</summary>
    private async Task<bool> TryReportAsync(CancellationToken cancellation)
    {
        EmitStatus sent = await _gateway.Emit(_report, cancellation);
        if (sent.Code is EmitCode.NotConnected or EmitCode.Deferred)
        {
            return false;
        }

        if (!sent.IsOk)
        {
            Console.Error.WriteLine(sent.Detail);
        }

        _filled.TryRead(out _);
        _filled.Commit();
        return true;
    }

    /// <summary>Fills the next order, or rejects it.</summary>
    private bool TryJudge()
    {
        if (!_judged.TryRead(out QueueMessage message))
        {
            return false;
        }

        JudgedOrder.View order = JudgedOrder.View.Of(message.Payload);
        string? refusal = order.IsHalted ? "the desk is halted"
            : order.IsBeyondLimits ? "beyond the limits of the desk"
            : order.IsFatFinger ? "above the maximum order value"
            : null;
        if (refusal is not null && !TryRefuse(order, refusal))
        {
            _judged.Seek(message.Position);
            return false;
        }

        using BatchClaim batch = _fills.ClaimBatch(MaxFillBytes, maxMessages: 1, consumed: _judged);
        if (refusal is null)
        {
            Fill(order, batch);
        }

        batch.Commit();
        Console.WriteLine($"{(refusal is null ? "filled" : "refused")} {Encoding.UTF8.GetString(order.ClientOrderId)}");
        return true;
    }

    private static void Fill(JudgedOrder.View order, BatchClaim batch)
    {
        EStreamFill.Writer fill = EStreamFill.Write(batch.Span);
        fill.SetFillId(order.OrderId);
        fill.SetOrderId(order.OrderId);
        fill.SetInstrument(order.Instrument);
        fill.Side = order.IsBuy ? OrderSide.Buy : OrderSide.Sell;
        fill.Quantity = order.Quantity;
        fill.Price = order.Price;
        fill.ExecutedAt = SystemClock.Instance.UtcNanos;
        batch.Add(fill.Length);
    }

    private void Move(EStreamFill.View fill, long sequence)
    {
        if (!Utf8Key64.TryCreate(fill.Instrument, out Utf8Key64 instrument))
        {
            return;
        }

        // A fill is processed again if it could not be reported, and after a crash. Then the position may already include the fill.
        if (_positions.TryGet(instrument, out Position position) && position.Sequence >= sequence)
        {
            return;
        }

        long held = position.Held + (fill.Side == OrderSide.Buy ? (long)fill.Quantity : -(long)fill.Quantity);
        _positions.Put(instrument, new Position(held, sequence));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"position {instrument} {held}"));
    }

    /// <summary>Sends the execution report of a rejected order (150=8, 39=8). A rejection is not a fill, so the report is written here
    /// field by field. After a crash the report may be sent again, with the same ExecID.</summary>
    private bool TryRefuse(JudgedOrder.View order, string reason)
    {
        string name = Encoding.UTF8.GetString(order.ClientOrderId);
        _refusal.Clear("8").Add(37, "NONE").Add(11, name).Add(17, $"refused {name}").Add(150, "8").Add(39, "8").Add(55, order.Instrument)
            .Add(54, order.IsBuy ? "1" : "2").Add(151, 0).Add(14, 0).Add(6, 0).Add(58, reason);
        return _session.Send(_refusal) != FixSendStatus.NotLoggedOn;
    }
}

/// <summary>The desk's position in an instrument.</summary>
/// <param name="Held">Quantity bought minus quantity sold.</param>
/// <param name="Sequence">The sequence number, in the queue of fills, of the last fill that the position includes.</param>
internal readonly record struct Position(long Held, long Sequence);
