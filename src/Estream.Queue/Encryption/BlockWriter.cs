using System.Buffers.Binary;
using Estream.Core;
using Estream.Core.Keys;

namespace Estream.Queue.Internal;

/// <summary>
/// Composes the frames of one append in private memory and encrypts them into a segment. Frames have the same distance from the start of
/// the block in both places; no plaintext is ever written to a file.
/// </summary>
internal sealed class BlockWriter(EstreamQueue queue) : IDisposable
{
    private readonly PlaintextBuffer _buffer = new();
    private Segment? _file;
    private Segment? _view;
    private SegmentCipher? _cipher;

    // A nonce is a random session number and a counter: no two blocks of a segment have the same nonce, even if a crashed writer's space is
    // written again.
    private long _session;
    private uint _count;

    /// <summary>
    /// The private memory as a segment, for code that composes several frames; changed by <see cref="Reserve"/> and <see cref="Enter"/>.
    /// </summary>
    public Segment View => _view ?? throw new InvalidOperationException("No segment was entered.");

    /// <summary>Changes to another segment.</summary>
    /// <exception cref="EstreamKeyException">The key of that segment is not available. The writer stays in the current segment.</exception>
    public void Enter(Segment file)
    {
        if (ReferenceEquals(_file, file))
        {
            return;
        }

        SegmentCipher cipher = queue.CipherOf(file);
        _cipher?.Dispose();
        (_file, _cipher, _count) = (file, cipher, 0);
        Span<byte> session = stackalloc byte[sizeof(long)];
        queue.Files.Storage.FillRandom(session);
        _session = BinaryPrimitives.ReadInt64LittleEndian(session);
        _buffer.Shrink();
        Reserve(0);
        _view = file.WithMemory(_buffer.Region);
    }

    /// <summary>Reserves space for frames. Discards the frames composed before.</summary>
    public void Reserve(long bytes)
    {
        if (_buffer.Reserve(BlockLayout.HeaderBytes + bytes + FrameLayout.HeaderBytes) && _file is not null)
        {
            _view = _file.WithMemory(_buffer.Region);
        }
    }

    /// <summary>The space for the payload of a single message.</summary>
    public Span<byte> Payload(int length)
    {
        Reserve(FrameLayout.Stride(FrameLayout.HeaderBytes + length));
        return _buffer.Memory.Span(BlockLayout.HeaderBytes + FrameLayout.HeaderBytes, length);
    }

    /// <summary>Completes the frame of a single message.</summary>
    /// <returns>The number of bytes of frames.</returns>
    public long Complete(int length, long numberAndTime)
    {
        RegionSpan memory = _buffer.Memory;
        int frameBytes = FrameLayout.HeaderBytes + length;
        long inner = FrameLayout.Stride(frameBytes);
        memory.Span(BlockLayout.HeaderBytes + frameBytes, (int)(inner - frameBytes)).Clear();
        memory.WriteInt64(BlockLayout.HeaderBytes + FrameLayout.NumberOffset, numberAndTime);
        memory.WriteInt64(BlockLayout.HeaderBytes, FrameLayout.PackLengthAndChecksum(frameBytes, 0));
        return inner;
    }

    /// <summary>Encrypts the frames into the file: the whole block except its first eight bytes, which publish it.</summary>
    /// <param name="offset">The offset of the block.</param>
    /// <param name="innerBytes">The number of bytes of frames.</param>
    /// <param name="number">The number of the first message.</param>
    /// <param name="count">The number of messages.</param>
    /// <param name="time">The time of the messages.</param>
    /// <returns>The first eight bytes.</returns>
    public long Encrypt(long offset, long innerBytes, uint number, uint count, uint time)
    {
        int word = (int)(BlockLayout.HeaderBytes + innerBytes) | FrameLayout.ControlFlag;
        Span<byte> header = stackalloc byte[BlockLayout.HeaderBytes];
        header.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(header, word);
        BinaryPrimitives.WriteUInt32LittleEndian(header[FrameLayout.NumberOffset..], BlockLayout.Kind);
        BinaryPrimitives.WriteUInt32LittleEndian(header[FrameLayout.TimeOffset..], time);
        BinaryPrimitives.WriteUInt32LittleEndian(header[BlockLayout.FirstNumberOffset..], number);
        BinaryPrimitives.WriteUInt32LittleEndian(header[BlockLayout.CountOffset..], count);
        BinaryPrimitives.WriteInt64LittleEndian(header[BlockLayout.NonceOffset..], _session);
        BinaryPrimitives.WriteUInt32LittleEndian(header[(BlockLayout.NonceOffset + sizeof(long))..], checked(_count++));
        RegionSpan file = _file!.Memory;
        _cipher!.Encrypt(
            offset, header, _buffer.Memory.ReadOnlySpan(BlockLayout.HeaderBytes, (int)innerBytes),
            file.Span(offset + BlockLayout.HeaderBytes, (int)innerBytes));
        file.Write(offset + FrameLayout.NumberOffset, header[FrameLayout.NumberOffset..]);
        uint checksum = _file.HasChecksums
            ? Crc32C.Append(_file.ChecksumSeed,
                file.ReadOnlySpan(offset + FrameLayout.NumberOffset, (word & FrameLayout.LengthMask) - FrameLayout.NumberOffset))
            : 0;
        return FrameLayout.PackLengthAndChecksum(word, checksum);
    }

    public void Dispose()
    {
        _cipher?.Dispose();
        _buffer.Dispose();
        _view = null;
    }
}
