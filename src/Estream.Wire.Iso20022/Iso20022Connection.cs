using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Estream.Wire.Iso20022.Connections;

namespace Estream.Wire.Iso20022;

/// <summary>
/// A connection for ISO 20022 messages over TCP or TLS. Each message is a frame: its length in four bytes, big-endian, without these four
/// bytes, and the message. One thread may send while another receives. After an exception the connection is unusable: dispose it.
/// </summary>
public sealed class Iso20022Connection : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly FrameBuffer _buffer;
    private readonly int _maxMessageBytes;

    private Iso20022Connection(Socket socket, Stream stream, int maxMessageBytes)
    {
        _socket = socket;
        _stream = stream;
        _maxMessageBytes = maxMessageBytes;
        _buffer = new FrameBuffer(maxMessageBytes);
    }

    /// <summary>Connects to a listener.</summary>
    /// <param name="host">A name or an address.</param>
    /// <param name="port">The port.</param>
    /// <param name="timeout">The time limit, including the TLS handshake.</param>
    /// <param name="tls">TLS options; null for plain TCP.</param>
    /// <param name="maxMessageBytes">The maximum length of a message in bytes, in both directions.</param>
    /// <param name="cancellation">Cancels the attempt.</param>
    /// <exception cref="ArgumentOutOfRangeException">The maximum length is not positive.</exception>
    /// <exception cref="WireConnectionException">The peer cannot be reached in time, or its certificate is not accepted.</exception>
    /// <exception cref="WireConfigurationException">A file of the TLS options is missing or invalid.</exception>
    public static async Task<Iso20022Connection> ConnectAsync(
        string host, int port, TimeSpan timeout, WireTlsOptions? tls = null, int maxMessageBytes = 4 * 1024 * 1024,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxMessageBytes);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        try
        {
            (Socket socket, Stream stream) = await WireDialer.ConnectAsync(host, port, tls, limit.Token).ConfigureAwait(false);
            WireKeepAlive.Set(socket);
            return new Iso20022Connection(socket, stream, maxMessageBytes);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new WireConnectionException($"{host}:{port} did not accept a connection within {timeout.TotalSeconds:0.#} s.", true);
        }
    }

    /// <summary>Sends a message. Returns when the message is in the buffers of the operating system; the peer may not have received
    /// it.</summary>
    /// <param name="message">The message, or an acknowledgement.</param>
    /// <param name="cancellation">Cancels the wait; a part of the message may have been sent.</param>
    /// <exception cref="ArgumentException">The message is empty or too long.</exception>
    /// <exception cref="WireConnectionException">The connection was lost.</exception>
    public async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation = default)
    {
        if (message.IsEmpty || message.Length > _maxMessageBytes)
        {
            throw new ArgumentException(
                $"The message has {message.Length} bytes, but this connection accepts 1 to {_maxMessageBytes}.", nameof(message));
        }

        int length = FrameBuffer.PrefixBytes + message.Length;
        byte[] frame = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            BinaryPrimitives.WriteInt32BigEndian(frame, message.Length);
            message.CopyTo(frame.AsMemory(FrameBuffer.PrefixBytes));
            await _stream.WriteAsync(frame.AsMemory(0, length), cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException)
        {
            throw new WireConnectionException($"The connection was lost: {failure.Message}", isTransient: true, failure);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame, clearArray: true);
        }
    }

    /// <summary>Waits for the next message of the peer.</summary>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>The message; valid until the next call. Empty if the peer has closed the connection.</returns>
    /// <exception cref="WireConnectionException">The connection was lost, or the peer sent no frame or a message that is too
    /// long.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellation = default)
    {
        try
        {
            FrameStatus status;
            while ((status = _buffer.Next) == FrameStatus.Incomplete)
            {
                int count = await _stream.ReadAsync(_buffer.Space(), cancellation).ConfigureAwait(false);
                if (count == 0)
                {
                    return _buffer.IsInFrame
                        ? throw new WireConnectionException("The peer closed the connection inside a message.", isTransient: true)
                        : default(ReadOnlyMemory<byte>);
                }

                _buffer.Add(count);
            }

            return status == FrameStatus.Frame ? _buffer.Take()
                : throw new WireConnectionException(
                    status == FrameStatus.TooLong
                        ? $"The peer sends a message of more than {_maxMessageBytes} bytes, or no frames of ISO 20022."
                        : "The peer sends no frames of ISO 20022: the length of a message is not positive.",
                    isTransient: false);
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException)
        {
            throw new WireConnectionException($"The connection was lost: {failure.Message}", isTransient: true, failure);
        }
    }

    /// <summary>Closes the connection. No call of <see cref="ReceiveAsync"/> may be in progress.</summary>
    public ValueTask DisposeAsync()
    {
        _buffer.Dispose();
        return _stream.DisposeAsync();
    }

    /// <summary>Closes the socket, which ends calls in progress with an exception. Keeps the buffer, which a call may still use.</summary>
    internal void Close() => _socket.Dispose();
}
