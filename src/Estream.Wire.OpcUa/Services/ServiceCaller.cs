using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Transport;

namespace Estream.Wire.OpcUa.Services;

/// <summary>Calls services on a channel with the authentication token of a session. Thread-safe; an exchange has one caller at a
/// time.</summary>
internal sealed class ServiceCaller(SecureChannel channel, int timeoutMs)
{
    private uint _handle;

    public SecureChannel Channel => channel;

    public int TimeoutMs => timeoutMs;

    /// <summary>The token of the session; none before there is one.</summary>
    public UaNodeId AuthenticationToken { get; set; }

    /// <summary>Begins a request with its type and header.</summary>
    /// <param name="exchange">The exchange, which is not in use.</param>
    /// <param name="type">The number of the request.</param>
    /// <param name="hintMs">The time that the client waits; 0 for the default.</param>
    public UaWriter Begin(Exchange exchange, uint type, int hintMs = 0)
    {
        exchange.Begin();
        UaWriter writer = exchange.Request;
        writer.Clear();
        writer.TypeNumber(type);
        RequestHeader.Write(writer, AuthenticationToken, Interlocked.Increment(ref _handle), (uint)(hintMs == 0 ? timeoutMs : hintMs));
        return writer;
    }

    /// <summary>Sends a request and waits for its response.</summary>
    /// <exception cref="OpcUaException">No response arrived.</exception>
    public async ValueTask CallAsync(Exchange exchange, string service, CancellationToken cancellation)
    {
        channel.Send(exchange, timeoutMs);
        UaStatus status;
        using (cancellation.UnsafeRegister(static (state, _) => ((Call)state!).Cancel(), cancellation.CanBeCanceled
            ? new Call(channel, exchange) : null))
        {
            status = await exchange.WaitAsync().ConfigureAwait(false);
        }

        cancellation.ThrowIfCancellationRequested();
        if (status.IsBad)
        {
            throw new OpcUaException(service, status);
        }
    }

    /// <summary>Opens a response: checks its type and the result of the service.</summary>
    /// <exception cref="OpcUaException">The result is bad, or the response is another one.</exception>
    public static UaReader Response(Exchange exchange, uint type, string service)
    {
        UaReader reader = new(exchange.Response);
        uint found = reader.TypeNumber();
        UaStatus status = ResponseHeader.Read(ref reader);
        if (status.IsBad || reader.IsFailed || found != type)
        {
            throw new OpcUaException(service, status.IsBad ? status : UaStatus.BadDecodingError);
        }

        return reader;
    }

    /// <summary>Checks that a response was decoded.</summary>
    public static void Check(in UaReader reader, string service)
    {
        if (reader.IsFailed)
        {
            throw new OpcUaException(service, UaStatus.BadDecodingError);
        }
    }

    private sealed record Call(SecureChannel Channel, Exchange Exchange)
    {
        public void Cancel() => Channel.Cancel(Exchange);
    }
}
