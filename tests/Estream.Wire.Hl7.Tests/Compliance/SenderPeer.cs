using System.Net.Sockets;
using System.Text;
using Estream.Testing;
using Estream.Wire.Compliance;

namespace Estream.Wire.Hl7.Tests.Compliance;

/// <summary>A sender of messages over MLLP that shares no code with the adapter.</summary>
internal sealed class SenderPeer(int port) : IWirePeer
{
    private readonly List<SenderConnection> _open = [];

    public async ValueTask<IPeerConnection> OpenAsync(CancellationToken cancellation)
    {
        SenderConnection connection = new(await LoopbackSocket.ConnectAsync(port, cancellation).ConfigureAwait(false));
        lock (_open)
        {
            _open.Add(connection);
        }

        return connection;
    }

    public async ValueTask MisbehaveAsync(CancellationToken cancellation) =>
        await LoopbackSocket.MisbehaveAsync(port, cancellation).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        foreach (SenderConnection connection in _open)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}

/// <summary>A connection that reads acknowledgements all the time.</summary>
internal sealed class SenderConnection : IPeerConnection
{
    private readonly Socket _socket;
    private readonly List<int> _acknowledged = [];
    private readonly Dictionary<string, int> _numbers = [];
    private volatile bool _isOver;

    public SenderConnection(Socket socket)
    {
        _socket = socket;
        _ = ReadAsync();
    }

    public IReadOnlyCollection<int> Acknowledged
    {
        get
        {
            lock (_acknowledged)
            {
                return [.. _acknowledged];
            }
        }
    }

    public IReadOnlyCollection<ComplianceMessage> Received => [];

    public bool IsOver => _isOver;

    public ReadOnlyMemory<byte> Encode(int number, ComplianceMessage message)
    {
        string id = Encoding.UTF8.GetString(message.Payload.Span).Split('|')[9];
        lock (_acknowledged)
        {
            _numbers[id] = number;
        }

        return (byte[])[0x0B, .. message.Payload.Span, 0x1C, 0x0D];
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        LoopbackSocket.SendAllAsync(_socket, bytes, cancellation);

    /// <summary>A sender of MLLP sends nothing by itself.</summary>
    public void FallSilent()
    {
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[16 * 1024];
        StringBuilder text = new();
        try
        {
            int count;
            while ((count = await _socket.ReceiveAsync(buffer).ConfigureAwait(false)) > 0)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, count));
                Take(text);
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // Closed.
        }

        _isOver = true;
    }

    private void Take(StringBuilder text)
    {
        string all = text.ToString();
        int end;
        while ((end = all.IndexOf("\u001c\r", StringComparison.Ordinal)) >= 0)
        {
            string[] msa = all[..end].Split('\r').First(line => line.StartsWith("MSA", StringComparison.Ordinal)).Split('|');
            lock (_acknowledged)
            {
                if (_numbers.TryGetValue(msa[2], out int number))
                {
                    _acknowledged.Add(number);
                }
            }

            all = all[(end + 2)..];
        }

        text.Clear().Append(all);
    }
}
