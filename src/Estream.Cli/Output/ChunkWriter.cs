using System.Buffers;

namespace Estream.Cli.Output;

/// <summary>Writes bytes to a stream in chunks, so memory is bounded for output of any length.</summary>
internal sealed class ChunkWriter(Stream output) : IBufferWriter<byte>
{
    private const int FlushBytes = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _buffer = new(2 * FlushBytes);

    public void Advance(int count)
    {
        _buffer.Advance(count);
        if (_buffer.WrittenCount >= FlushBytes)
        {
            Flush();
        }
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        return _buffer.GetMemory(sizeHint);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        return _buffer.GetSpan(sizeHint);
    }

    /// <summary>Writes all buffered bytes.</summary>
    public void Flush()
    {
        if (_buffer.WrittenCount > 0)
        {
            output.Write(_buffer.WrittenSpan);
            output.Flush();
            _buffer.ResetWrittenCount();
        }
    }
}
