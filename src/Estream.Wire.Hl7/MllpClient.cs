using System.Net.Sockets;
using Estream.Wire.Hl7.Acknowledgement;
using Estream.Wire.Hl7.Codec;
using Estream.Wire.Hl7.Transport;

namespace Estream.Wire.Hl7;

/// <summary>
/// Sends messages over MLLP and waits for the acknowledgement of each: one message at a time, as MLLP requires. Not thread-safe. After an
/// exception the connection is unusable, because a late acknowledgement could be taken for that of the next message: dispose the client.
/// </summary>
public sealed class MllpClient : IAsyncDisposable
{
    private const int MaxSkipped = 16;

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly MllpBuffer _buffer;
    private readonly Hl7Parser _parser;
    private readonly TimeSpan _timeout;
    private bool _isBroken;

    private MllpClient(Socket socket, Stream stream, Hl7Limits limits, TimeSpan timeout)
    {
        _socket = socket;
        _stream = stream;
        _buffer = new MllpBuffer(limits.MaxMessageBytes);
        _parser = new Hl7Parser(limits);
        _timeout = timeout;
    }

    /// <summary>Whether the peer has closed the connection and no received bytes are left. For use while no message is being
    /// sent.</summary>
    internal bool IsClosedByPeer
    {
        get
        {
            try
            {
                return _socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 0;
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                return true;
            }
        }
    }

    /// <summary>Connects to a listener.</summary>
    /// <param name="host">A name or an address.</param>
    /// <param name="port">The port.</param>
    /// <param name="timeout">The time limit for connecting and for each acknowledgement.</param>
    /// <param name="tls">TLS options; null for plain TCP.</param>
    /// <param name="limits">The limits of acknowledgements; null for the defaults.</param>
    /// <param name="cancellation">Cancels the attempt.</param>
    /// <exception cref="WireConnectionException">The peer cannot be reached in time, or its certificate is not accepted.</exception>
    public static async Task<MllpClient> ConnectAsync(
        string host, int port, TimeSpan timeout, WireTlsOptions? tls = null, Hl7Limits? limits = null,
        CancellationToken cancellation = default)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        try
        {
            (Socket socket, Stream stream) = await WireDialer.ConnectAsync(host, port, tls, limit.Token).ConfigureAwait(false);
            WireKeepAlive.Set(socket);
            return new MllpClient(socket, stream, limits ?? Hl7Limits.Default, timeout);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new WireConnectionException($"{host}:{port} did not accept a connection within {timeout.TotalSeconds:0.#} s.", true);
        }
    }

    /// <summary>Sends a message and waits for its first acknowledgement.</summary>
    /// <param name="message">The message without framing.</param>
    /// <param name="cancellation">Ends the wait; the message may have been sent.</param>
    /// <returns>The acknowledgement; null if the message asks for none on success (enhanced mode with neither AL nor SU in MSH-15 and
    /// MSH-16). Then nothing is awaited, and the next call skips an acknowledgement of an error.</returns>
    /// <exception cref="ArgumentException">The message cannot be parsed.</exception>
    /// <exception cref="InvalidOperationException">An earlier call threw.</exception>
    /// <exception cref="WireConnectionException">The connection was lost, no acknowledgement arrived in time, or the peer violated the
    /// protocol. The message may have been processed.</exception>
    public async Task<Hl7Ack?> SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation = default)
    {
        if (_isBroken)
        {
            throw new InvalidOperationException("The connection is unusable after an error. Connect again.");
        }

        byte[] controlId = ReadControlId(message.Span, out bool isAnswered);
        _isBroken = true;
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_timeout);
        try
        {
            byte[] frame = [MllpBuffer.Start, .. message.Span, MllpBuffer.End, (byte)'\r'];
            await _stream.WriteAsync(frame, limit.Token).ConfigureAwait(false);
            Hl7Ack? ack = isAnswered ? await ReadAckAsync(controlId, limit.Token).ConfigureAwait(false) : null;
            _isBroken = false;
            return ack;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new WireConnectionException($"No acknowledgement arrived within {_timeout.TotalSeconds:0.#} s.", isTransient: true);
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            throw new WireConnectionException($"The connection was lost: {failure.Message}", isTransient: true, failure);
        }
    }

    /// <summary>Closes the socket, so that no further message can be sent. Keeps the buffer, which a call may still use.</summary>
    internal void Close() => _socket.Dispose();

    /// <summary>Closes the connection.</summary>
    public ValueTask DisposeAsync()
    {
        _isBroken = true;
        _buffer.Dispose();
        return _stream.DisposeAsync();
    }

    private byte[] ReadControlId(ReadOnlySpan<byte> message, out bool isAnswered)
    {
        Hl7Status status = _parser.Parse(message, out Hl7Message parsed);
        if (status != Hl7Status.Ok)
        {
            throw new ArgumentException($"The message cannot be sent: {status.Describe()}.", nameof(message));
        }

        Hl7Segment header = parsed.Header;
        isAnswered = (header[15].IsEmpty && header[16].IsEmpty) || IsOnSuccess(header[15]) || IsOnSuccess(header[16]);
        return header[10].Bytes.ToArray();
    }

    private static bool IsOnSuccess(Hl7Field condition) =>
        condition.Bytes.SequenceEqual("AL"u8) || condition.Bytes.SequenceEqual("SU"u8);

    /// <summary>Reads frames until the acknowledgement of the message; others belong to earlier messages.</summary>
    private async Task<Hl7Ack> ReadAckAsync(byte[] controlId, CancellationToken cancellation)
    {
        int skipped = 0;
        while (true)
        {
            MllpStatus status = _buffer.TryTake(out ReadOnlyMemory<byte> frame);
            if (status == MllpStatus.Frame)
            {
                if (TryRead(frame.Span, controlId, out Hl7Ack? ack))
                {
                    return ack!;
                }

                if (++skipped > MaxSkipped)
                {
                    throw new WireConnectionException("The peer sends other messages instead of an acknowledgement.", isTransient: false);
                }

                continue;
            }

            if (status != MllpStatus.Incomplete)
            {
                throw new WireConnectionException("The peer does not speak MLLP, or its answer is too long.", isTransient: false);
            }

            int count = await _stream.ReadAsync(_buffer.Space(), cancellation).ConfigureAwait(false);
            if (count == 0)
            {
                throw new WireConnectionException("The peer closed the connection before it acknowledged the message.", isTransient: true);
            }

            _buffer.Add(count);
        }
    }

    /// <summary>Reads a frame. Accepts an acknowledgement without a control id if its code is a rejection, since a receiver that cannot
    /// parse
    /// a message does not know its id.</summary>
    private bool TryRead(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> controlId, out Hl7Ack? ack)
    {
        ack = null;
        if (_parser.Parse(frame, out Hl7Message message) != Hl7Status.Ok)
        {
            throw new WireConnectionException("The answer of the peer is not an HL7 message.", isTransient: false);
        }

        ack = Hl7Ack.Read(message);
        ReadOnlySpan<byte> answered = message.First("MSA"u8)[2].Bytes;
        return ack is not null && (answered.SequenceEqual(controlId) || (answered.IsEmpty && !ack.Code.IsAccept()));
    }
}
