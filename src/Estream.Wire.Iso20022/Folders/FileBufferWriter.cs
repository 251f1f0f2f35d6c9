using System.Buffers;
using System.Security.Cryptography;

namespace Estream.Wire.Iso20022.Folders;

/// <summary>A buffer writer that writes to a file piece by piece. The buffer is overwritten with zeros at the end. Not
/// thread-safe.</summary>
/// <param name="file">The file; the caller closes it.</param>
internal sealed class FileBufferWriter(FileStream file) : IBufferWriter<byte>, IDisposable
{
    private const int FirstBytes = 64 * 1024;

    private byte[] _buffer = new byte[FirstBytes];
    private int _written;

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - _written);
        _written += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(1, sizeHint));
        return _buffer.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Writes the buffered bytes to the file.</summary>
    public void Flush()
    {
        file.Write(_buffer, 0, _written);
        _written = 0;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_buffer);

    private void MakeRoom(int bytes)
    {
        if (_buffer.Length - _written >= bytes)
        {
            return;
        }

        Flush();
        if (_buffer.Length < bytes)
        {
            CryptographicOperations.ZeroMemory(_buffer);
            _buffer = new byte[bytes];
        }
    }
}
