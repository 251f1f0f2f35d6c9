namespace Estream.Wire.Modbus.Client;

/// <summary>A request with the handling of its response. Reusable after it is completed; owned by one connection meanwhile.</summary>
internal abstract class ModbusExchange
{
    private readonly byte[] _request = new byte[ModbusLimits.MaxPduBytes];

    /// <summary>The unit.</summary>
    public byte Unit { get; set; }

    /// <summary>How long to wait for the response.</summary>
    public int TimeoutMs { get; set; } = 1_000;

    /// <summary>The transaction of the last start; 0 on a serial line.</summary>
    public ushort TransactionId { get; set; }

    /// <summary>The PDU of the request.</summary>
    public ReadOnlySpan<byte> Request => _request.AsSpan(0, RequestLength);

    /// <summary>The space for the PDU of a request. Set <see cref="RequestLength"/> afterwards.</summary>
    public Span<byte> RequestBuffer => _request;

    /// <summary>The length of the request in bytes.</summary>
    public int RequestLength { get; set; }

    /// <summary>Called once for each start, from any thread, without locks of the connection.</summary>
    /// <param name="status">The outcome.</param>
    /// <param name="response">The PDU of the response; valid during the call, empty without a response.</param>
    public abstract void Complete(ModbusStatus status, ReadOnlySpan<byte> response);
}
