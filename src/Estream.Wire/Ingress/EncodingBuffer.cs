using System.Numerics;
using Estream.Esf;

namespace Estream.Wire;

/// <summary>A buffer in which a message without private fields is encoded before it is appended. Not thread-safe.</summary>
internal sealed class EncodingBuffer
{
    private const int KeptBytes = 64 * 1024;

    private byte[] _bytes = [];

    /// <summary>The size of the buffer in bytes.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>Encodes a message.</summary>
    /// <param name="route">The mapping and its queue.</param>
    /// <param name="message">The message.</param>
    /// <param name="captures">The fields captured from the topic.</param>
    /// <param name="raw">Converts raw payloads to JSON.</param>
    /// <param name="encoded">The encoded message, valid until the next call.</param>
    public TranslateStatus Encode(
        IngressRoute route, in WireMessage message, ReadOnlySpan<FieldCapture> captures, RawPayload raw, out ReadOnlySpan<byte> encoded)
    {
        int most = route.Sink.MaxMessageBytes;
        int room = Math.Min(route.Mapping.EstimateLength(message), most);
        while (true)
        {
            if (_bytes.Length < room)
            {
                _bytes = new byte[BitOperations.RoundUpToPowerOf2((uint)room)];
            }

            TranslateStatus status = route.Mapping.Translate(message, captures, raw, _bytes.AsSpan(0, room), out int length);
            if (!status.IsDestinationTooSmall || room == most)
            {
                encoded = status.IsOk ? _bytes.AsSpan(0, length) : default;
                return status.IsDestinationTooSmall ? route.Sink.TooLong() : status;
            }

            room = (int)Math.Min(2L * room, most);
        }
    }

    /// <summary>Frees a large buffer. The last result becomes invalid.</summary>
    public void Trim()
    {
        if (_bytes.Length > KeptBytes)
        {
            _bytes = [];
        }
    }
}
