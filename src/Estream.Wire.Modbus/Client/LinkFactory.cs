using Estream.Core;
using Estream.Wire.Modbus.Serial;
using Estream.Wire.Serial;

namespace Estream.Wire.Modbus.Client;

/// <summary>Connects to a device by TCP, TLS or a serial line.</summary>
internal static class LinkFactory
{
    /// <exception cref="WireConnectionException">The device cannot be reached, or its certificate is not accepted.</exception>
    /// <exception cref="WireConfigurationException">A file of the TLS options is missing or invalid.</exception>
    public static async Task<ModbusLink> ConnectAsync(ModbusClientOptions options, IClock clock, CancellationToken cancellation)
    {
        if (options.Serial is { } serial)
        {
            return new RtuLink(SerialLine.Open(serial.Port, serial.BaudRate, serial.Parity, serial.StopBits), serial, clock);
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(options.ConnectTimeoutMs);
        try
        {
            (_, Stream stream) = await WireDialer.ConnectAsync(options.Host, options.Port, options.Tls, limit.Token).ConfigureAwait(false);
            return new TcpLink(stream, options.InFlight);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new WireConnectionException(
                $"{options.Host}:{options.Port} did not answer within {options.ConnectTimeoutMs} ms. Check host, port and network.",
                isTransient: true);
        }
    }
}
