using System.Buffers;
using System.Globalization;

namespace Estream.Cli.Codec;

/// <summary>
/// Cuts a stream of JSON objects, one after the other with white space between or nothing, into its objects. It looks at
/// strings and braces only; whether an object is JSON is for the encoder to say.
/// </summary>
/// <param name="input">Where the objects come from.</param>
/// <param name="maxBytes">A longer object is refused.</param>
internal sealed class JsonObjects(InputBuffer input, int maxBytes = JsonObjects.MaxBytes)
{
    /// <summary>The longest object: eight times the longest message, enough for any text that is written with escapes only.</summary>
    public const int MaxBytes = 8 * Esf.Schema.EsfLimits.MaxMessageBytes;

    private static readonly SearchValues<byte> s_structure = SearchValues.Create("\"{}"u8);
    private static readonly SearchValues<byte> s_stringStops = SearchValues.Create("\"\\"u8);

    private int _length;
    private int _depth;
    private bool _isInString;
    private long _line = 1;
    private long _lineStart;

    /// <summary>How many objects there were, the current one included.</summary>
    public long Count { get; private set; }

    /// <summary>The current object. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Current => input.Unused[.._length];

    /// <summary>Goes on to the next object.</summary>
    /// <returns>False when only white space is left.</returns>
    /// <exception cref="CliException">What comes next is no object, is not whole or is too long.</exception>
    public async ValueTask<bool> MoveNextAsync()
    {
        if (!await HasMoreAsync().ConfigureAwait(false))
        {
            return false;
        }

        Count++;
        if (input.Unused[0] != (byte)'{')
        {
            throw Refuse(0, "a JSON object begins with '{'");
        }

        int seen = 0;
        while (!TryFindEnd(input.Unused, ref seen))
        {
            if (seen > maxBytes)
            {
                break;
            }

            if (!await input.FillAsync().ConfigureAwait(false))
            {
                throw Refuse(0, "the input ends inside the object that begins here");
            }
        }

        _length = seen <= maxBytes ? seen : throw Refuse(0, $"the object that begins here is longer than {maxBytes} bytes");
        return true;
    }

    /// <summary>Leaves the current object and says whether anything but white space follows.</summary>
    public async ValueTask<bool> HasMoreAsync()
    {
        Use(_length);
        _length = 0;
        while (true)
        {
            int blanks = input.Unused.IndexOfAnyExcept(" \t\r\n"u8);
            Use(blanks < 0 ? input.Unused.Length : blanks);
            if (blanks >= 0)
            {
                return true;
            }

            if (!await input.FillAsync().ConfigureAwait(false))
            {
                return false;
            }
        }
    }

    /// <summary>The refusal of the current object, with the line and column of a byte of it.</summary>
    public CliException Refuse(int offset, string reason)
    {
        ReadOnlySpan<byte> before = input.Unused[..Math.Min(offset, input.Unused.Length)];
        int lines = before.Count((byte)'\n');
        long column = lines > 0 ? before.Length - before.LastIndexOf((byte)'\n') : input.Position + before.Length - _lineStart + 1;
        return new CliException(
            string.Create(CultureInfo.InvariantCulture, $"object {Count}, line {_line + lines}, column {column}: {reason}"), ExitCode.No);
    }

    /// <summary>Looks for the brace that ends the object.</summary>
    /// <param name="text">The object and whatever is there of what follows.</param>
    /// <param name="seen">How much of it has been looked at; the length of the object once its end is found.</param>
    private bool TryFindEnd(ReadOnlySpan<byte> text, ref int seen)
    {
        while (seen < text.Length)
        {
            int stop = text[seen..].IndexOfAny(_isInString ? s_stringStops : s_structure);
            if (stop < 0)
            {
                seen = text.Length;
                return false;
            }

            byte found = text[seen + stop];
            if (found == (byte)'\\')
            {
                // What is escaped may come with the next read: look at both again then.
                bool isWhole = seen + stop + 1 < text.Length;
                seen += stop + (isWhole ? 2 : 0);
                if (!isWhole)
                {
                    return false;
                }

                continue;
            }

            seen += stop + 1;
            _isInString ^= found == (byte)'"';
            _depth += found == (byte)'{' ? 1 : found == (byte)'}' ? -1 : 0;
            if (_depth == 0 && !_isInString)
            {
                return true;
            }
        }

        return false;
    }

    private void Use(int count)
    {
        ReadOnlySpan<byte> used = input.Unused[..count];
        int lines = used.Count((byte)'\n');
        if (lines > 0)
        {
            _line += lines;
            _lineStart = input.Position + used.LastIndexOf((byte)'\n') + 1;
        }

        input.Skip(count);
    }
}
