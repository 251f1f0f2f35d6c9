using System.Numerics;
using System.Security.Cryptography;
using Estream.Esf;

namespace Estream.Wire;

/// <summary>
/// Where a message with private fields is encoded before it is sealed into its queue: its cleartext never lies in the queue's files. For one schema; used under the lock of its queue.
/// </summary>
internal sealed class SealingBuffer(EsfSealer sealer) : IDisposable
{
    private byte[] _clear = [];

    /// <summary>The most bytes of a sealed message.</summary>
    public int MaxSealedLength(int length) => sealer.MaxSealedLength(length);

    /// <summary>Encodes a message in clear.</summary>
    /// <param name="mapping">How.</param>
    /// <param name="message">The message.</param>
    /// <param name="captures">What its topic says.</param>
    /// <param name="raw">Turns raw payloads into JSON.</param>
    /// <param name="room">The longest message to make room for at first.</param>
    /// <param name="maxRoom">The longest message the queue takes.</param>
    /// <param name="length">Its length.</param>
    public TranslateStatus Encode(
        TopicMapping mapping, in WireMessage message, ReadOnlySpan<FieldCapture> captures, RawPayload raw, int room, int maxRoom, out int length)
    {
        while (true)
        {
            Reserve(room);
            TranslateStatus status = mapping.Translate(message, captures, raw, _clear.AsSpan(0, room), out length);
            if (!status.IsDestinationTooSmall || room == maxRoom)
            {
                return status;
            }

            room = (int)Math.Min(2L * room, maxRoom);
        }
    }

    /// <summary>Seals the message that was encoded.</summary>
    public TranslateStatus Seal(int length, Span<byte> destination, out int written) =>
        TranslateStatus.Of(sealer.Seal(_clear.AsSpan(0, length), destination, out written));

    /// <summary>Overwrites the cleartext.</summary>
    public void Clear() => CryptographicOperations.ZeroMemory(_clear);

    public void Dispose()
    {
        Clear();
        sealer.Dispose();
    }

    private void Reserve(int room)
    {
        if (_clear.Length < room)
        {
            Clear();
            _clear = GC.AllocateArray<byte>((int)BitOperations.RoundUpToPowerOf2((uint)room), pinned: true);
        }
    }
}
