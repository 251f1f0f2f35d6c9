namespace Estream.Cli.Codec;

/// <summary>
/// What has been read of an input and not been used yet. It grows with the longest piece that somebody needs in one stretch;
/// who asks for more bounds that.
/// </summary>
/// <param name="input">The input.</param>
/// <param name="beforeRead">Called before the input may have to be waited for: what is ready for others is handed on here.</param>
/// <param name="cancellation">Ends a wait for input.</param>
internal sealed class InputBuffer(Stream input, Action beforeRead, CancellationToken cancellation)
{
    private const int FirstSize = 64 * 1024;

    private byte[] _bytes = new byte[FirstSize];
    private int _start;
    private int _end;

    /// <summary>Where in the input the first unused byte stands.</summary>
    public long Position { get; private set; }

    /// <summary>What has been read and not been used. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Unused => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Uses bytes up.</summary>
    public void Skip(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _end - _start);
        _start += count;
        Position += count;
    }

    /// <summary>Reads on.</summary>
    /// <returns>False at the end of the input.</returns>
    /// <exception cref="OperationCanceledException">The command shall come to its end.</exception>
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

        // A pipe that nobody writes to cannot be cancelled, only left.
        int read = await input.ReadAsync(_bytes.AsMemory(_end), cancellation).AsTask().WaitAsync(cancellation).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }
}
