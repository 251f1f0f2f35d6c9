namespace Estream.Cli.Codec;

/// <summary>
/// Buffers bytes that were read from an input and are not used yet. The buffer grows to the longest contiguous piece that the caller needs;
/// the caller must bound this length.
/// </summary>
/// <param name="input">The input.</param>
/// <param name="beforeRead">Called before each read, which may block. Flush pending output here.</param>
/// <param name="cancellation">Cancels a wait for input.</param>
internal sealed class InputBuffer(Stream input, Action beforeRead, CancellationToken cancellation)
{
    private const int FirstSize = 64 * 1024;

    private byte[] _bytes = new byte[FirstSize];
    private int _start;
    private int _end;

    /// <summary>The offset of the first unused byte in the input.</summary>
    public long Position { get; private set; }

    /// <summary>The bytes read and not used yet. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Unused => UnusedMemory.Span;

    /// <summary>The bytes read and not used yet. Valid until the next call.</summary>
    public ReadOnlyMemory<byte> UnusedMemory => _bytes.AsMemory(_start, _end - _start);

    /// <summary>Marks bytes as used.</summary>
    public void Skip(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _end - _start);
        _start += count;
        Position += count;
    }

    /// <summary>Reads more bytes from the input.</summary>
    /// <returns>False at the end of the input.</returns>
    /// <exception cref="OperationCanceledException">The command is cancelled.</exception>
    public async ValueTask<bool> FillAsync()
    {
        if (_start > 0)
        {
            Unused.CopyTo(_bytes);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _bytes.Length)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        beforeRead();

        // A blocked read of a pipe cannot be cancelled, so abandon the wait.
        int read = await input.ReadAsync(_bytes.AsMemory(_end), cancellation).AsTask().WaitAsync(cancellation).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }
}
