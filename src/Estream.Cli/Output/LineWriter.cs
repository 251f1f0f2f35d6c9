using System.Buffers;
using System.Text;

namespace Estream.Cli.Output;

/// <summary>Buffers lines of UTF-8 text and writes them in large chunks of whole lines.</summary>
/// <param name="output">The output.</param>
/// <param name="hasColor">Whether the output is a terminal that shows bold text and colours.</param>
internal sealed class LineWriter(Stream output, bool hasColor = false) : IDisposable
{
    private const int FlushBytes = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _buffer = new(2 * FlushBytes);

    /// <summary>Whether the output is a terminal that shows bold text and colours.</summary>
    public bool HasColor => hasColor;

    /// <summary>The buffer of the current line.</summary>
    public IBufferWriter<byte> Buffer => _buffer;

    public void Write(string text)
    {
        Encoding.UTF8.GetBytes(text, _buffer);
    }

    public void WriteLine(string text)
    {
        Write(text);
        EndLine();
    }

    public void EndLine()
    {
        _buffer.Write("\n"u8);
        if (_buffer.WrittenCount >= FlushBytes)
        {
            Flush();
        }
    }

    public void Flush()
    {
        if (_buffer.WrittenCount > 0)
        {
            output.Write(_buffer.WrittenSpan);
            output.Flush();
            _buffer.ResetWrittenCount();
        }
    }

    /// <summary>Writes all buffered lines.</summary>
    public void Dispose()
    {
        Flush();
    }
}
