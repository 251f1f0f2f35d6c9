using System.Buffers;

namespace Estream.Cli.Output;

/// <summary>Hands bytes on in pieces as they come, so that memory is bounded however long the output is.</summary>
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

    /// <summary>Hands on what is left.</summary>
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
