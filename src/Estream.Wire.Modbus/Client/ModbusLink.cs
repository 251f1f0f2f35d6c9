namespace Estream.Wire.Modbus.Client;

/// <summary>A connection to one endpoint or serial line that carries requests and responses. Thread-safe.</summary>
internal abstract class ModbusLink : IAsyncDisposable
{
    /// <summary>Called once when the connection has ended by itself. All exchanges are completed by then.</summary>
    public Action<Exception?>? Closed { get; set; }

    /// <summary>The counts of this connection.</summary>
    public LinkCounters Counters { get; } = new();

    /// <summary>Starts the reading of responses.</summary>
    public abstract void Open();

    /// <summary>Sends a request. The exchange is completed later, unless the result is false.</summary>
    /// <returns>False if the connection has ended, or as many requests are under way as it allows.</returns>
    public abstract bool TryStart(ModbusExchange exchange);

    /// <summary>Completes an exchange with a time-out if it is still waiting for its response.</summary>
    /// <param name="exchange">The exchange.</param>
    /// <param name="transaction">The <see cref="ModbusExchange.TransactionId"/> of the timed-out request. The call has no effect if the
    /// exchange has been started again since.</param>
    public abstract void Expire(ModbusExchange exchange, ushort transaction);

    /// <summary>Whether the link itself ends exchanges after their time-out, so that no caller has to call <see cref="Expire"/>.</summary>
    public virtual bool KeepsTime => false;

    /// <summary>Ends the connection.</summary>
    public abstract ValueTask DisposeAsync();
}

/// <summary>The counts of a connection, written by it and read by anyone.</summary>
internal sealed class LinkCounters
{
    private long _late;
    private long _invalid;
    private long _bytes;
    private long _responses;

    /// <summary>Responses that arrived after the time-out of their request and were dropped.</summary>
    public long Late => Interlocked.Read(ref _late);

    /// <summary>Responses that match no request, and frames with a wrong CRC.</summary>
    public long Invalid => Interlocked.Read(ref _invalid);

    /// <summary>Received bytes.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Responses that were matched with their request.</summary>
    public long Responses => Interlocked.Read(ref _responses);

    public void CountLate() => Interlocked.Increment(ref _late);

    public void CountInvalid() => Interlocked.Increment(ref _invalid);

    public void CountResponse() => Interlocked.Increment(ref _responses);

    public void AddBytes(int count) => Interlocked.Add(ref _bytes, count);
}
