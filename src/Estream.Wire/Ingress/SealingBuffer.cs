using System.Numerics;
using System.Security.Cryptography;
using Estream.Esf;

namespace Estream.Wire;

/// <summary>
/// A buffer in which a message with private fields is encoded before the message is sealed into its queue. The files of the queue never
/// contain its plaintext. For one schema; used under the lock of its queue.
/// </summary>
internal sealed class SealingBuffer(EsfSealer sealer) : IDisposable
{
    private const int KeptBytes = 64 * 1024;
    private const int ShrinkRatio = 4;
    private const int ShrinkAfter = 64;

    private readonly int[] _partEnds = new int[sealer.Schema.SubLexes.Count + 2];
    private byte[] _clear = [];
    private int _used;
    private int _smallUses;
    private byte[] _sealed = [];
    private byte[] _parts = [];

    /// <summary>The maximum length of a sealed message.</summary>
    public int MaxSealedLength(int length) => sealer.MaxSealedLength(length);

    /// <summary>Encodes a message in plaintext.</summary>
    /// <param name="mapping">The mapping.</param>
    /// <param name="message">The message.</param>
    /// <param name="captures">The fields captured from the topic.</param>
    /// <param name="raw">Converts raw payloads to JSON.</param>
    /// <param name="room">The initial maximum length.</param>
    /// <param name="maxRoom">The maximum length of a message of the queue.</param>
    /// <param name="length">The length of the encoded message.</param>
    public TranslateStatus Encode(
        TopicMapping mapping, in WireMessage message, ReadOnlySpan<FieldCapture> captures, RawPayload raw, int room, int maxRoom,
        out int length)
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

    /// <summary>Seals the encoded message.</summary>
    public TranslateStatus Seal(int length, Span<byte> destination, out int written) =>
        TranslateStatus.Of(sealer.Seal(_clear.AsSpan(0, length), destination, out written));

    /// <summary>Seals the encoded message and splits it into the main part and one part for each sub-lex of its schema.</summary>
    public TranslateStatus SealParts(int length)
    {
        int most = sealer.MaxSealedLength(length);
        if (_sealed.Length < most)
        {
            _sealed = new byte[most];
            _parts = new byte[most * (_partEnds.Length - 1)];
        }

        EsfStatus status = sealer.Seal(_clear.AsSpan(0, length), _sealed, out int written);
        for (int i = 0; i < _partEnds.Length - 1 && status.IsOk; i++)
        {
            int begin = _partEnds[i];
            status = EsfSubLex.Split(sealer.Schema, _sealed.AsSpan(0, written), i == 0 ? null : sealer.Schema.SubLexes[i - 1],
                _parts.AsSpan(begin), out int part);
            _partEnds[i + 1] = begin + part;
        }

        return TranslateStatus.Of(status);
    }

    /// <summary>A part of the last sealed message: index 0 is the main part; the parts of the sub-lexes follow in order. The part of a
    /// sub-lex is empty if the message has no value of that sub-lex.</summary>
    public ReadOnlySpan<byte> Part(int index) => _parts.AsSpan(_partEnds[index].._partEnds[index + 1]);

    /// <summary>The size of the buffer for plaintext in bytes.</summary>
    internal int Capacity => _clear.Length;

    /// <summary>Overwrites the plaintext. Frees a buffer that has been much too large for many messages.</summary>
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(_clear.AsSpan(0, _used));
        _smallUses = _used > _clear.Length / ShrinkRatio ? 0 : _smallUses + 1;
        _used = 0;
        if (_clear.Length > KeptBytes && _smallUses >= ShrinkAfter)
        {
            _clear = [];
            _smallUses = 0;
        }
    }

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
            _smallUses = 0;
        }

        _used = Math.Max(_used, room);
    }
}
