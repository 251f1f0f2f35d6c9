using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Estream.Host.Tests.Process;

/// <summary>A Modbus device that answers each read of holding registers with a number that grows, on any number of connections.</summary>
internal sealed class RegisterDevice : IDisposable
{
    private const int RequestBytes = 12;
    private const int HeaderBytes = 9;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _answered;

    public RegisterDevice()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _accepting.GetAwaiter().GetResult();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            using NetworkStream stream = new(socket, ownsSocket: true);
            byte[] request = new byte[RequestBytes];
            while (true)
            {
                await stream.ReadExactlyAsync(request, _stop.Token);
                int data = 2 * BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(10));
                byte[] response = new byte[HeaderBytes + data];
                request.AsSpan(0, 8).CopyTo(response);
                response[5] = (byte)(3 + data);
                response[8] = (byte)data;
                BinaryPrimitives.WriteUInt16BigEndian(response.AsSpan(HeaderBytes), (ushort)Interlocked.Increment(ref _answered));
                await stream.WriteAsync(response, _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The host is gone, or the device stops.
        }
    }
}
