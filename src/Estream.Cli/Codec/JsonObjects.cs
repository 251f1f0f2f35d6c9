using System.Buffers;
using System.Globalization;

namespace Estream.Cli.Codec;

/// <summary>
/// Splits a stream into its JSON objects, which may be separated by white space. Looks only at strings and braces; the encoder checks
/// whether an object is valid JSON.
/// </summary>
/// <param name="input">The input with the objects.</param>
/// <param name="maxBytes">The maximum length of an object in bytes.</param>
internal sealed class JsonObjects(InputBuffer input, int maxBytes = JsonObjects.MaxBytes)
{
    /// <summary>The default maximum length of an object: eight times the longest message, enough even if all text is escaped.</summary>
    public const int MaxBytes = 8 * Esf.Schema.EsfLimits.MaxMessageBytes;

    private static readonly SearchValues<byte> s_structure = SearchValues.Create("\"{}"u8);
    private static readonly SearchValues<byte> s_stringStops = SearchValues.Create("\"\\"u8);

    private int _length;
    private int _depth;
    private bool _isInString;
    private long _line = 1;
    private long _lineStart;

    /// <summary>The number of objects read, including the current object.</summary>
    public long Count { get; private set; }

    /// <summary>The current object. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Current => input.Unused[.._length];

    /// <summary>Moves to the next object.</summary>
    /// <returns>False when only white space is left.</returns>
    /// <exception cref="CliException">The next object does not begin with '{', is incomplete or is too long.</exception>
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
                throw Refuse(0, "the input ends inside the object that starts here");
            }
        }

        _length = seen <= maxBytes ? seen : throw Refuse(0, $"the object that starts here is longer than {maxBytes} bytes");
        return true;
    }

    /// <summary>Skips the current object and returns whether anything but white space follows.</summary>
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

    /// <summary>Creates an exception for the current object, with the line and column of one of its bytes.</summary>
    public CliException Refuse(int offset, string reason)
    {
        ReadOnlySpan<byte> before = input.Unused[..Math.Min(offset, input.Unused.Length)];
        int lines = before.Count((byte)'\n');
        long column = lines > 0 ? before.Length - before.LastIndexOf((byte)'\n') : input.Position + before.Length - _lineStart + 1;
        return new CliException(
            string.Create(CultureInfo.InvariantCulture, $"object {Count}, line {_line + lines}, column {column}: {reason}"), ExitCode.No);
    }

    /// <summary>Searches for the brace that ends the object.</summary>
    /// <param name="text">The bytes read so far, from the start of the object.</param>
    /// <param name="seen">The number of bytes already scanned; the length of the object once its end is found.</param>
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
                // The byte after the backslash may arrive with the next read. In this case scan the backslash again with that byte.
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
