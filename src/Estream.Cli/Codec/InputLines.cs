using System.Globalization;

namespace Estream.Cli.Codec;

/// <summary>Splits an input into lines. The last line need not have a line break.</summary>
/// <param name="input">The input.</param>
/// <param name="maxBytes">The maximum length of a line in bytes.</param>
internal sealed class InputLines(InputBuffer input, int maxBytes)
{
    private int _length;
    private int _break;

    /// <summary>The number of lines read, including the current line.</summary>
    public long Count { get; private set; }

    /// <summary>The current line without its line break. Valid until the next call.</summary>
    public ReadOnlyMemory<byte> Current => input.UnusedMemory[.._length];

    /// <summary>Moves to the next line.</summary>
    /// <returns>False at the end of the input.</returns>
    /// <exception cref="CliException">The line is too long.</exception>
    public async ValueTask<bool> MoveNextAsync()
    {
        input.Skip(_length + _break);
        (_length, _break) = (0, 0);
        int seen = 0;
        Count++;
        while (true)
        {
            int found = input.Unused[seen..].IndexOf((byte)'\n');
            seen = found < 0 ? input.Unused.Length : seen + found;
            if (seen > maxBytes + 1)
            {
                throw new CliException(string.Create(CultureInfo.InvariantCulture,
                    $"line {Count} is longer than {maxBytes} bytes, the maximum length of a message of this queue"), ExitCode.No);
            }

            if (found >= 0 || !await input.FillAsync().ConfigureAwait(false))
            {
                bool hasReturn = seen > 0 && found >= 0 && input.Unused[seen - 1] == (byte)'\r';
                (_length, _break) = (hasReturn ? seen - 1 : seen, (hasReturn ? 1 : 0) + (found >= 0 ? 1 : 0));
                return found >= 0 || seen > 0;
            }
        }
    }
}
