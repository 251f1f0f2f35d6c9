using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Estream.Wire.Compliance.Tests.Line;

/// <summary>A connection of a peer: collects acknowledgements and received messages, and pings.</summary>
internal sealed class LinePeerConnection(TcpClient client) : IPeerConnection
{
    private static readonly TimeSpan s_ping = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<int, bool> _acknowledged = new();
    private readonly ConcurrentQueue<ComplianceMessage> _received = new();
    private readonly NetworkStream _stream = client.GetStream();
    private readonly StreamReader _reader = new(client.GetStream(), Encoding.UTF8);
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isSilent;

    public IReadOnlyCollection<int> Acknowledged => [.. _acknowledged.Keys];

    public IReadOnlyCollection<ComplianceMessage> Received => [.. _received];

    public bool IsOver => _over.Task.IsCompleted;

    /// <summary>Sends or receives the secret, then reads and pings until the end.</summary>
    public async Task BeginAsync(string? secret, CancellationToken cancellation)
    {
        if (secret is null)
        {
            await _reader.ReadLineAsync(cancellation);
        }
        else
        {
            await SendAsync(Encoding.UTF8.GetBytes($"LOGIN {secret}\n"), cancellation);
        }

        _ = ReadAsync();
        _ = PingAsync();
    }

    public ReadOnlyMemory<byte> Encode(int number, ComplianceMessage message)
    {
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"SEND {number} {Encoding.UTF8.GetString(message.Topic.Span)} {Encoding.UTF8.GetString(message.Payload.Span)}\n"));
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            await _stream.WriteAsync(bytes, cancellation);
        }
        catch (ObjectDisposedException failure)
        {
            throw new IOException("The connection is cut.", failure);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void FallSilent()
    {
        _isSilent = true;
    }

    /// <summary>Waits until the adapter has closed the connection.</summary>
    public async Task WaitUntilOverAsync(CancellationToken cancellation)
    {
        await _over.Task.WaitAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();

        // Resets the connection instead of closing it, so unsent data is lost.
        client.Client?.Close(0);
        client.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _reader.ReadLineAsync(_ended.Token) is { } line)
            {
                string[] words = line.Split((char)32, 3);
                if (words is ["ACK", var number])
                {
                    _acknowledged[int.Parse(number, CultureInfo.InvariantCulture)] = true;
                }
                else if (words is ["EMIT", var topic, var payload])
                {
                    _received.Enqueue(ComplianceMessage.Of(topic, payload));
                }
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException or OperationCanceledException
            or InvalidOperationException)
        {
            // The connection is closed; the reason does not matter.
        }

        _over.TrySetResult();
    }

    private async Task PingAsync()
    {
        while (!_ended.IsCancellationRequested && !IsOver)
        {
            await Task.Delay(s_ping, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_isSilent || _ended.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await SendAsync("PING\n"u8.ToArray(), _ended.Token);
            }
            catch (Exception end) when (end is IOException or OperationCanceledException)
            {
                return;
            }
        }
    }
}
