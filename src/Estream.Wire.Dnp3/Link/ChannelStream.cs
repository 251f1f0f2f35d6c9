using Estream.Wire.Dnp3.Codec;
using Estream.Wire.Serial;

namespace Estream.Wire.Dnp3.Link;

/// <summary>A connection of a channel: one reader and one writer at a time.</summary>
internal abstract class ChannelStream : IAsyncDisposable
{
    // A peer that does not read must not block the channel.
    private const int SendTimeoutMs = 5_000;

    /// <summary>Reads received octets.</summary>
    /// <returns>0 at the end of the connection.</returns>
    /// <exception cref="IOException">The connection failed.</exception>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation);

    /// <summary>Sends octets.</summary>
    /// <exception cref="IOException">The connection failed.</exception>
    public abstract void Write(byte[] bytes, int length);

    /// <summary>Ends the read under way.</summary>
    public abstract void Abort();

    public abstract ValueTask DisposeAsync();

    /// <summary>Connects by TCP, TLS or a serial line.</summary>
    /// <exception cref="WireConnectionException">The outstation cannot be reached, or its certificate is not accepted.</exception>
    /// <exception cref="WireConfigurationException">A file of the TLS options is missing or invalid.</exception>
    public static async Task<ChannelStream> ConnectAsync(Dnp3EndpointOptions options, CancellationToken cancellation)
    {
        if (options.Serial is { } serial)
        {
            return new SerialChannelStream(SerialLine.Open(serial.Port, serial.BaudRate, serial.Parity, serial.StopBits));
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(options.ConnectTimeoutMs);
        try
        {
            (System.Net.Sockets.Socket socket, Stream stream) =
                await WireDialer.ConnectAsync(options.Host, options.Port, options.Tls, limit.Token).ConfigureAwait(false);
            socket.SendTimeout = SendTimeoutMs;
            return new TcpChannelStream(stream);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new WireConnectionException(
                $"{options.Describe()} did not answer within {options.ConnectTimeoutMs} ms. Check host, port and network.",
                isTransient: true);
        }
    }

    private sealed class TcpChannelStream(Stream stream) : ChannelStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation) =>
            stream.ReadAsync(buffer, cancellation);

        public override void Write(byte[] bytes, int length) => stream.Write(bytes, 0, length);

        public override void Abort() => stream.Dispose();

        public override ValueTask DisposeAsync() => stream.DisposeAsync();
    }

    /// <summary>A serial line, which a thread of the pool reads.</summary>
    private sealed class SerialChannelStream(ISerialLine line) : ChannelStream
    {
        private const int LookMs = 100;

        private readonly byte[] _received = new byte[LinkFrame.MaxBytes];
        private volatile bool _isClosed;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
        {
            int count = await Task.Run(() => Receive(cancellation), CancellationToken.None).ConfigureAwait(false);
            count = Math.Min(count, buffer.Length);
            _received.AsMemory(0, count).CopyTo(buffer);
            return count;
        }

        public override void Write(byte[] bytes, int length) => line.Write(bytes, length);

        public override void Abort() => _isClosed = true;

        public override ValueTask DisposeAsync()
        {
            _isClosed = true;
            line.Dispose();
            return default;
        }

        private int Receive(CancellationToken cancellation)
        {
            int count = 0;
            while (count == 0 && !_isClosed && !cancellation.IsCancellationRequested)
            {
                count = line.Read(_received, 0, LookMs);
            }

            cancellation.ThrowIfCancellationRequested();
            return count;
        }
    }
}
