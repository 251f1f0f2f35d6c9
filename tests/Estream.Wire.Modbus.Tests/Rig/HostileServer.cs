using System.Net;
using System.Net.Sockets;

namespace Estream.Wire.Modbus.Tests.Rig;

/// <summary>A server that answers as a test tells it: late, twice, with other transactions, or with bytes that are not Modbus. Written
/// from the standard without the product's codec.</summary>
internal sealed class HostileServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<byte[], int, Func<byte[], Task>, Task> _answer;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private int _connections;

    /// <param name="answer">Receives a request frame, its number from 0, and what sends bytes.</param>
    public HostileServer(Func<byte[], int, Func<byte[], Task>, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>The response to a read of one register.</summary>
    public static byte[] Register(byte[] request, int value) =>
        [request[0], request[1], 0, 0, 0, 5, request[6], request[7], 2, (byte)(value >> 8), (byte)value];

    /// <summary>An exception response to any request.</summary>
    public static byte[] Exception(byte[] request, int code) =>
        [request[0], request[1], 0, 0, 0, 3, request[6], (byte)(request[7] | 0x80), (byte)code];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
            Interlocked.Increment(ref _connections);
            _ = HandleAsync(client);
        }
    }

    private async Task HandleAsync(TcpClient client)
    {
        using (client)
        {
            NetworkStream stream = client.GetStream();
            byte[] header = new byte[6];
            for (int number = 0; !_stop.IsCancellationRequested; number++)
            {
                try
                {
                    await stream.ReadExactlyAsync(header, _stop.Token);
                    byte[] rest = new byte[(header[4] << 8) | header[5]];
                    await stream.ReadExactlyAsync(rest, _stop.Token);
                    await _answer([.. header, .. rest], number, bytes => stream.WriteAsync(bytes).AsTask());
                }
                catch (Exception end) when (end is IOException or OperationCanceledException or ObjectDisposedException)
                {
                    return;
                }
            }
        }
    }
}
