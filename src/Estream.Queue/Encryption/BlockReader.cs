using System.Buffers.Binary;
using Estream.Core;
using Estream.Core.Keys;

namespace Estream.Queue.Internal;

/// <summary>Decrypts blocks into private memory, one at a time. Never returns content that does not authenticate.</summary>
internal sealed class BlockReader(EstreamQueue queue) : IDisposable
{
    private readonly PlaintextBuffer _buffer = new();
    private Segment? _file;
    private SegmentCipher? _cipher;
    private Segment? _view;

    /// <summary>The decrypted frames of the block, each at the same distance from the start of the block as in the log. A zero word follows
    /// them.</summary>
    public RegionSpan Frames { get; private set; }

    /// <summary>The private memory as a segment, for code that reads frames.</summary>
    public Segment View => _view ?? throw new InvalidOperationException("No block was opened.");

    /// <summary>Decrypts a block.</summary>
    /// <param name="file">The segment of the block.</param>
    /// <param name="offset">The offset of the block.</param>
    /// <param name="word">The acquired length word of a block that fits.</param>
    /// <exception cref="EstreamKeyException">The key of the segment is not available.</exception>
    /// <exception cref="EstreamCorruptionException">The block is damaged, or was not written at this offset of this segment.</exception>
    public void Open(Segment file, long offset, int word)
    {
        if (!TryOpen(file, offset, word))
        {
            throw NotGenuine(file, offset, word);
        }
    }

    /// <summary>Decrypts a block if it authenticates.</summary>
    /// <exception cref="EstreamKeyException">The key of the segment is not available.</exception>
    public bool TryOpen(Segment file, long offset, int word)
    {
        if (!ReferenceEquals(file, _file))
        {
            Enter(file);
        }

        int inner = BlockFrame.InnerBytes(word);
        bool isOther = _buffer.Reserve(BlockLayout.HeaderBytes + inner + FrameLayout.HeaderBytes);
        RegionSpan memory = _buffer.Memory;
        if (isOther || _view is null)
        {
            _view = file.WithMemory(_buffer.Region);
        }

        file.EnsureLoaded(offset, BlockLayout.HeaderBytes + inner);
        Span<byte> header = memory.Span(0, BlockLayout.HeaderBytes);
        file.Memory.ReadOnlySpan(offset, BlockLayout.HeaderBytes).CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header, word);
        ReadOnlySpan<byte> cipher = file.Memory.ReadOnlySpan(offset + BlockLayout.HeaderBytes, inner);
        if (!_cipher!.TryDecrypt(offset, header, cipher, memory.Span(BlockLayout.HeaderBytes, inner)))
        {
            Frames = default;
            return false;
        }

        memory.Span(BlockLayout.HeaderBytes + inner, FrameLayout.HeaderBytes).Clear();
        Frames = memory.Slice(0, BlockLayout.HeaderBytes + inner + FrameLayout.HeaderBytes);
        return true;
    }

    public void Dispose()
    {
        Frames = default;
        _view = null;
        _file = null;
        _cipher?.Dispose();
        _cipher = null;
        _buffer.Dispose();
    }

    private void Enter(Segment file)
    {
        SegmentCipher cipher = queue.CipherOf(file);
        _cipher?.Dispose();
        Frames = default;
        _buffer.Shrink();
        (_file, _cipher, _view) = (file, cipher, null);
    }

    private static EstreamCorruptionException NotGenuine(Segment file, long offset, int word) =>
        new(
            FrameCheck.ChecksumMatches(file, offset, word)
                ? $"The encrypted block at offset {offset} of '{file.Path}' does not authenticate: it was changed, or copied from another "
                    + "file or offset. Restore the segment from a copy."
                : $"The encrypted block at offset {offset} of '{file.Path}' is damaged: it does not match its checksum. Restore the "
                    + "segment from a copy.",
            file.Path, offset);
}
