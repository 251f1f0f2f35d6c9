using System.Security.Cryptography;
using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Services;

namespace Estream.Wire.OpcUa.Transport;

/// <content>Sending: chunks are appended to a buffer under the lock, and one task at a time sends the buffer.</content>
internal sealed partial class SecureChannel
{
    /// <summary>Appends the chunks of a message to the buffer. The caller holds the lock.</summary>
    /// <returns>False if the message exceeds a limit of the server.</returns>
    private bool TryWrite(ChunkKind kind, uint requestId, ReadOnlySpan<byte> body)
    {
        MessageProtector protector = _current!;
        int most = _maxSendChunk - protector.Overhead;
        int chunks = Math.Max(1, (body.Length + most - 1) / most);
        if (chunks > _maxSendChunks || body.Length > _maxSendMessage)
        {
            return false;
        }

        for (int chunk = 1; chunk <= chunks; chunk++)
        {
            ReadOnlySpan<byte> part = body[..Math.Min(most, body.Length)];
            body = body[part.Length..];
            Reserve(_maxSendChunk);
            _outLength += protector.Protect(
                kind, chunk == chunks ? ChunkHeader.IsFinal : ChunkHeader.IsIntermediate, NextSequence(), requestId, part, _out,
                _outLength);
        }

        return true;
    }

    /// <summary>Appends a request for a token. The caller holds the lock.</summary>
    private void WriteOpen(bool isRenewal)
    {
        _nonce = RandomNumberGenerator.GetBytes(_security.Algorithms.NonceBytes);
        UaWriter body = new();
        body.TypeNumber(TypeNumbers.OpenSecureChannelRequest);
        RequestHeader.Write(body, default, 0, (uint)_timeoutMs);
        body.UInt32(0);
        body.UInt32(isRenewal ? 1u : 0u);
        body.UInt32((uint)_security.Mode);
        body.Bytes(_nonce);
        body.UInt32((uint)_lifetimeMs);
        _renewalId = ++_requestId;
        byte[] chunk = OpenChunk.Protect(_security, _current?.ChannelId ?? 0, NextSequence(), _renewalId, body.Written);
        Reserve(chunk.Length);
        chunk.CopyTo(_out, _outLength);
        _outLength += chunk.Length;
    }

    /// <summary>Sends the buffer until it is empty. The caller has set <see cref="_isSending"/>.</summary>
    private async Task FlushAsync()
    {
        try
        {
            while (true)
            {
                int length;
                lock (_gate)
                {
                    (_out, _sending) = (_sending, _out);
                    (length, _outLength) = (_outLength, 0);
                    if (length == 0 || !IsOpen)
                    {
                        _isSending = false;
                        return;
                    }
                }

                await _stream.WriteAsync(_sending.AsMemory(0, length)).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            Fail($"the connection was lost while sending: {failure.Message}");
        }
    }

    private void Reserve(int bytes)
    {
        if (_outLength + bytes > _out.Length)
        {
            Array.Resize(ref _out, Math.Max(_outLength + bytes, 2 * _out.Length));
        }
    }

    /// <summary>Returns the next sequence number, which starts over before it overflows (Part 6, 6.7.2.4).</summary>
    private uint NextSequence() => _sequence = _sequence >= LastSequence ? 1 : _sequence + 1;
}
