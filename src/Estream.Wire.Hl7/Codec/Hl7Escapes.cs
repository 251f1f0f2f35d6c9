using System.Buffers;
using System.Globalization;

namespace Estream.Wire.Hl7.Codec;

/// <summary>Escape sequences (HL7 v2, chapter 2, "Use of escape sequences in text fields"). Pure and thread-safe; allocates
/// nothing.</summary>
public static class Hl7Escapes
{
    /// <summary>The maximum length of an escaped byte.</summary>
    public const int MaxEscapedLength = 5;

    private const int MaxSequenceLength = 64;

    /// <summary>Replaces escape sequences by their bytes.</summary>
    /// <remarks>
    /// Replaced: F, S, T, R, E and P by the delimiters, X by its hexadecimal bytes, .br and .sp by line feeds, the highlights H and N and
    /// other formatting commands by nothing. Kept as they are: local sequences (Z), changes of the character set (C, M), and an escape
    /// character that begins no sequence.
    /// </remarks>
    /// <param name="source">The raw value.</param>
    /// <param name="delimiters">The delimiters of the message.</param>
    /// <param name="destination">Receives the value; must be as long as <paramref name="source"/>.</param>
    /// <returns>Bytes written, never more than the length of <paramref name="source"/>.</returns>
    /// <exception cref="ArgumentException">The destination is shorter than the source.</exception>
    public static int Unescape(ReadOnlySpan<byte> source, Hl7Delimiters delimiters, Span<byte> destination)
    {
        if (destination.Length < source.Length)
        {
            throw new ArgumentException($"The destination has {destination.Length} bytes; it needs {source.Length}.", nameof(destination));
        }

        int written = 0;
        while (!source.IsEmpty)
        {
            int start = delimiters.Escape == 0 ? -1 : source.IndexOf(delimiters.Escape);
            int plain = start < 0 ? source.Length : start;
            source[..plain].CopyTo(destination[written..]);
            written += plain;
            source = source[plain..];
            if (source.IsEmpty)
            {
                break;
            }

            int end = source[1..Math.Min(source.Length, MaxSequenceLength)].IndexOf(delimiters.Escape);
            if (end > 0 && TryReplace(source.Slice(1, end), delimiters, destination[written..], out int length))
            {
                written += length;
                source = source[(end + 2)..];
            }
            else
            {
                destination[written++] = source[0];
                source = source[1..];
            }
        }

        return written;
    }

    /// <summary>Writes a value with delimiters and control characters replaced by escape sequences.</summary>
    /// <param name="value">The value in the character set of the message.</param>
    /// <param name="delimiters">The delimiters of the message; must define an escape character.</param>
    /// <param name="destination">Receives the escaped value.</param>
    /// <exception cref="ArgumentException">The delimiters define no escape character.</exception>
    public static void Escape(ReadOnlySpan<byte> value, Hl7Delimiters delimiters, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (delimiters.Escape == 0)
        {
            throw new ArgumentException("The delimiters define no escape character.", nameof(delimiters));
        }

        Span<byte> sequence = stackalloc byte[MaxEscapedLength];
        foreach (byte one in value)
        {
            byte code = CodeOf(one, delimiters);
            if (code != 0)
            {
                sequence[0] = delimiters.Escape;
                sequence[1] = code;
                sequence[2] = delimiters.Escape;
                destination.Write(sequence[..3]);
            }
            else if (one < 0x20)
            {
                sequence[0] = delimiters.Escape;
                sequence[1] = (byte)'X';
                one.TryFormat(sequence[2..], out _, "X2", CultureInfo.InvariantCulture);
                sequence[4] = delimiters.Escape;
                destination.Write(sequence);
            }
            else
            {
                destination.Write([one]);
            }
        }
    }

    private static byte CodeOf(byte value, Hl7Delimiters delimiters) =>
        value == delimiters.Field ? (byte)'F'
        : value == delimiters.Component ? (byte)'S'
        : value == delimiters.Repetition ? (byte)'R'
        : value == delimiters.Escape ? (byte)'E'
        : value == 0 ? (byte)0
        : value == delimiters.SubComponent ? (byte)'T'
        : value == delimiters.Truncation ? (byte)'P'
        : (byte)0;

    private static bool TryReplace(ReadOnlySpan<byte> sequence, Hl7Delimiters delimiters, Span<byte> destination, out int length)
    {
        length = 0;
        if (sequence.Length == 1)
        {
            byte value = sequence[0] switch
            {
                (byte)'F' => delimiters.Field,
                (byte)'S' => delimiters.Component,
                (byte)'R' => delimiters.Repetition,
                (byte)'E' => delimiters.Escape,
                (byte)'T' => delimiters.SubComponent,
                (byte)'P' => delimiters.Truncation,
                _ => (byte)0,
            };
            if (value != 0)
            {
                destination[length++] = value;
                return true;
            }

            return sequence[0] is (byte)'H' or (byte)'N';
        }

        if (sequence[0] == (byte)'X')
        {
            return Convert.FromHexString(sequence[1..], destination, out _, out length) == OperationStatus.Done;
        }

        return sequence[0] == (byte)'.' && TryFormat(sequence[1..], destination, out length);
    }

    /// <summary>Formatting commands (chapter 2, "Formatted text"): line breaks remain, positions and margins do not.</summary>
    private static bool TryFormat(ReadOnlySpan<byte> command, Span<byte> destination, out int length)
    {
        length = 0;
        if (command.SequenceEqual("br"u8) || command.StartsWith("sp"u8) || command.StartsWith("ce"u8))
        {
            destination[length++] = (byte)'\n';
            return true;
        }

        return command.SequenceEqual("fi"u8) || command.SequenceEqual("nf"u8) || command.StartsWith("in"u8)
            || command.StartsWith("ti"u8) || command.StartsWith("sk"u8);
    }
}
