using System.Net;
using System.Net.Sockets;

namespace Estream.Replication.Tests.Brokers;

/// <summary>Relays TCP connections to a broker and keeps every byte that crosses, in both directions.</summary>
internal sealed class CapturingRelay : IDisposable
{
    private const int BufferBytes = 64 << 10;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly DnsEndPoint _target;
    private readonly List<MemoryStream> _captures = [];
    private readonly List<TcpClient> _clients = [];
    private readonly Lock _gate = new();

    public CapturingRelay(DnsEndPoint target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    public DnsEndPoint EndPoint => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);

    /// <summary>Whether bytes crossed, in one piece and one direction.</summary>
    public bool HasSeen(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            foreach (MemoryStream capture in _captures)
            {
                if (capture.GetBuffer().AsSpan(0, (int)capture.Length).IndexOf(bytes) >= 0)
                {
                    return true;
                }
            }

            return false;
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        lock (_gate)
        {
            _clients.ForEach(client => client.Dispose());
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient accepted = await _listener.AcceptTcpClientAsync();
                TcpClient connected = new();
                lock (_gate)
                {
                    _clients.AddRange([accepted, connected]);
                }

                await connected.ConnectAsync(_target.Host, _target.Port);
                _ = CopyAsync(accepted, connected);
                _ = CopyAsync(connected, accepted);
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // The relay was disposed.
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to)
    {
        MemoryStream capture = new();
        lock (_gate)
        {
            _captures.Add(capture);
        }

        try
        {
            byte[] buffer = new byte[BufferBytes];
            int count;
            while ((count = await from.GetStream().ReadAsync(buffer)) > 0)
            {
                // Kept before it is passed on, so a test that saw an effect sees the bytes.
                lock (_gate)
                {
                    capture.Write(buffer, 0, count);
                }

                await to.GetStream().WriteAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // A side is gone.
        }

        from.Dispose();
        to.Dispose();
    }
}
