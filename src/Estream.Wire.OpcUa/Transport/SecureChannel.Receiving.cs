using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Services;

namespace Estream.Wire.OpcUa.Transport;

/// <content>Receiving: handshake, chunks and tokens.</content>
internal sealed partial class SecureChannel
{
    private const int MinPeerBuffer = 8_192;
    private const uint ProtocolVersion = 0;

    /// <summary>Exchanges Hello and Acknowledge (Part 6, 7.1.2), and opens the channel.</summary>
    private async Task HandshakeAsync(CancellationToken cancellation)
    {
        UaWriter hello = new();
        hello.Advance(ChunkHeader.Bytes);
        hello.UInt32(ProtocolVersion);
        hello.UInt32(UaLimits.MaxChunkBytes);
        hello.UInt32(UaLimits.MaxChunkBytes);
        hello.UInt32(UaLimits.MaxMessageBytes);
        hello.UInt32(UaLimits.MaxChunks);
        hello.Text(_url.Text);
        byte[] chunk = hello.Written.ToArray();
        new ChunkHeader(ChunkKind.Hello, ChunkHeader.IsFinal, chunk.Length).Write(chunk);
        await _stream.WriteAsync(chunk, cancellation).ConfigureAwait(false);
        int length = await ReceiveChunkAsync(cancellation).ConfigureAwait(false);
        ReadAcknowledge(_received.AsSpan(0, length));
        Consume(length);
        WriteOpen(isRenewal: false);
        await _stream.WriteAsync(_out.AsMemory(0, _outLength), cancellation).ConfigureAwait(false);
        _outLength = 0;
        length = await ReceiveChunkAsync(cancellation).ConfigureAwait(false);
        if (Header().Kind != ChunkKind.Open)
        {
            throw ErrorOf(_received.AsSpan(0, length));
        }

        ReadToken(0, length);
        Consume(length);
    }

    private void ReadAcknowledge(ReadOnlySpan<byte> chunk)
    {
        if (Header().Kind != ChunkKind.Acknowledge)
        {
            throw ErrorOf(chunk);
        }

        UaReader reader = new(chunk[ChunkHeader.Bytes..]);
        reader.UInt32();
        uint receiveBuffer = reader.UInt32();
        reader.UInt32();
        uint maxMessage = reader.UInt32();
        uint maxChunks = reader.UInt32();
        if (reader.IsFailed || receiveBuffer < MinPeerBuffer)
        {
            throw new IOException("the server acknowledges with invalid limits");
        }

        _maxSendChunk = (int)Math.Min(receiveBuffer, UaLimits.MaxChunkBytes);
        _maxSendMessage = maxMessage == 0 ? UaLimits.MaxMessageBytes : Math.Min(maxMessage, UaLimits.MaxMessageBytes);
        _maxSendChunks = maxChunks == 0 ? UaLimits.MaxChunks : maxChunks;
    }

    private static WireConnectionException ErrorOf(ReadOnlySpan<byte> chunk)
    {
        string text = Describe(chunk);
        return new WireConnectionException($"The server refuses the connection: {text}", isTransient: true);
    }

    /// <summary>Describes an Error message (Part 6, 7.1.2.5).</summary>
    private static string Describe(ReadOnlySpan<byte> chunk)
    {
        UaReader reader = new(chunk[ChunkHeader.Bytes..]);
        UaStatus status = reader.Status();
        ReadOnlySpan<byte> reason = reader.Bytes();
        return ChunkHeader.Read(chunk).Kind == ChunkKind.Error && !reader.IsFailed
            ? $"{status} {Encoding.UTF8.GetString(reason[..Math.Min(reason.Length, 1_024)])}".TrimEnd()
            : "it does not speak OPC UA binary";
    }

    private async Task ReadLoopAsync()
    {
        try
        {
            while (IsOpen)
            {
                int offset = 0;
                while (TryHeader(offset, out ChunkHeader header))
                {
                    OnChunk(header, offset);
                    offset += header.Length;
                }

                Consume(offset);
                int count = await _stream.ReadAsync(_received.AsMemory(_receivedLength)).ConfigureAwait(false);
                if (count == 0)
                {
                    Fail("the server has closed the connection");
                    return;
                }

                _receivedLength += count;
            }
        }
        catch (Exception failure) when (failure is ObjectDisposedException or IOException)
        {
            Fail($"the connection was lost: {failure.Message}");
        }
        catch (Exception failure) when (failure is CryptographicException or WireConnectionException)
        {
            Fail(failure.Message);
        }
    }

    private async ValueTask<int> ReceiveChunkAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (TryHeader(0, out ChunkHeader header))
            {
                return header.Length;
            }

            int count = await _stream.ReadAsync(_received.AsMemory(_receivedLength), cancellation).ConfigureAwait(false);
            _receivedLength += count > 0 ? count : throw new IOException("the server has closed the connection");
        }
    }

    private ChunkHeader Header() => ChunkHeader.Read(_received);

    /// <summary>Whether a whole chunk was received.</summary>
    /// <exception cref="IOException">The header is invalid.</exception>
    private bool TryHeader(int offset, out ChunkHeader header)
    {
        header = default;
        int length = _receivedLength - offset;
        if (length < ChunkHeader.Bytes)
        {
            return false;
        }

        header = ChunkHeader.Read(_received.AsSpan(offset));
        return header.Length is >= ChunkHeader.Bytes + 4 and <= UaLimits.MaxChunkBytes
            ? length >= header.Length
            : throw new IOException($"a chunk announces {header.Length} bytes; at most {UaLimits.MaxChunkBytes} are accepted");
    }

    private void Consume(int length)
    {
        _received.AsSpan(length, _receivedLength - length).CopyTo(_received);
        _receivedLength -= length;
    }

    private void OnChunk(ChunkHeader header, int offset)
    {
        switch (header.Kind)
        {
            case ChunkKind.Message:
                OnMessage(header, offset);
                break;
            case ChunkKind.Open:
                ReadToken(offset, header.Length);
                break;
            case ChunkKind.Error:
                Fail($"the server reports {Describe(_received.AsSpan(offset, header.Length))}");
                break;
            case ChunkKind.Close:
                Fail("the server has closed the channel");
                break;
            default:
                throw new IOException("the server has sent a message of an unknown kind");
        }
    }

    private void OnMessage(ChunkHeader header, int offset)
    {
        if (header.Length < MessageProtector.PrefixBytes + 8)
        {
            throw new IOException("a chunk is too short");
        }

        uint channelId = BinaryPrimitives.ReadUInt32LittleEndian(_received.AsSpan(offset + ChunkHeader.Bytes));
        uint tokenId = BinaryPrimitives.ReadUInt32LittleEndian(_received.AsSpan(offset + ChunkHeader.Bytes + 4));
        MessageProtector? protector = _current!.TokenId == tokenId ? _current : _previous?.TokenId == tokenId ? _previous : null;
        if (protector is null || channelId != protector.ChannelId)
        {
            throw new IOException("a chunk has an unknown channel or token");
        }

        ReadOnlySpan<byte> content = protector.Open(_received, offset, header.Length);
        CheckSequence(content);
        uint requestId = BinaryPrimitives.ReadUInt32LittleEndian(content[4..]);
        Exchange? ended = null;
        UaStatus status = default;
        lock (_gate)
        {
            // A response to a request that was cancelled or too slow is ignored.
            if (!_pending.TryGetValue(requestId, out Exchange? exchange))
            {
                return;
            }

            if (header.Final == ChunkHeader.IsAbort)
            {
                UaReader reader = new(content[8..]);
                status = reader.Status();
                (ended, status) = (exchange, status.IsBad ? status : UaStatus.BadDecodingError);
            }
            else if (!exchange.Append(content[8..]))
            {
                (ended, status) = (exchange, UaStatus.BadTcpMessageTooLarge);
            }
            else if (header.Final == ChunkHeader.IsFinal)
            {
                ended = exchange;
            }

            if (ended is not null)
            {
                _pending.Remove(requestId);
            }
        }

        ended?.End(status);
    }

    /// <summary>Checks that sequence numbers have no gap (Part 6, 6.7.2.4), so that no chunk is lost, repeated or moved.</summary>
    private void CheckSequence(ReadOnlySpan<byte> content)
    {
        uint sequence = BinaryPrimitives.ReadUInt32LittleEndian(content);
        bool isNext = !_hasPeerSequence || sequence == _peerSequence + 1 || (_peerSequence >= LastSequence && sequence < 1_024);
        if (!isNext)
        {
            throw new IOException($"sequence number {sequence} follows {_peerSequence}");
        }

        (_hasPeerSequence, _peerSequence) = (true, sequence);
    }

    /// <summary>Reads an OpenSecureChannel response, and uses its token from now on. Responses under the token before are still
    /// accepted.</summary>
    private void ReadToken(int offset, int length)
    {
        ReadOnlySpan<byte> content = OpenChunk.Open(_security, _received.AsSpan(offset, length));
        if (content.Length < 8)
        {
            throw new IOException("an OpenSecureChannel response is too short");
        }

        CheckSequence(content);
        uint requestId = BinaryPrimitives.ReadUInt32LittleEndian(content[4..]);
        UaReader reader = new(content[8..]);
        uint type = reader.TypeNumber();
        UaStatus status = ResponseHeader.Read(ref reader);
        if (type != TypeNumbers.OpenSecureChannelResponse || status.IsBad || reader.IsFailed)
        {
            throw new IOException($"the server does not open a channel: {(status.IsBad ? status : UaStatus.BadDecodingError)}");
        }

        reader.UInt32();
        uint channelId = reader.UInt32();
        uint tokenId = reader.UInt32();
        reader.Int64();
        uint lifetime = reader.UInt32();
        ReadOnlySpan<byte> nonce = reader.Bytes();
        if (reader.IsFailed || nonce.Length < _security.Algorithms.NonceBytes || requestId != _renewalId)
        {
            throw new IOException("an OpenSecureChannel response is invalid or was not requested");
        }

        lock (_gate)
        {
            _previous?.Dispose();
            _previous = _current;
            _current = new MessageProtector(_security, channelId, tokenId, _nonce, nonce);
            _renewAt = UaTime.NowMs + Math.Max(TickMs, (long)lifetime * 3 / 4);
            _renewalId = 0;
            Tokens++;
        }
    }
}
