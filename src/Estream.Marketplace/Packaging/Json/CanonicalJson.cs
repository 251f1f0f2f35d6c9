using System.Buffers;
using System.Globalization;
using System.Text;

namespace Estream.Marketplace.Json;

/// <summary>
/// Writes values in canonical form: the JSON Canonicalization Scheme (RFC 8785), restricted to integers. Members are ordered by the UTF-16
/// code units of their names, there is no white space, and only required escapes are used. Thread-safe; holds no state.
/// </summary>
internal static class CanonicalJson
{
    /// <summary>Returns the canonical bytes of a value, in UTF-8.</summary>
    /// <param name="value">The value to write.</param>
    /// <exception cref="ArgumentException">A text has a lone surrogate, which UTF-8 cannot encode.</exception>
    public static byte[] Write(JsonValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArrayBufferWriter<byte> output = new();
        Write(value, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Returns whether a text is the canonical form of the value that was read from it.</summary>
    public static bool Is(ReadOnlySpan<byte> utf8, JsonValue value) => utf8.SequenceEqual(Write(value));

    private static void Write(JsonValue value, ArrayBufferWriter<byte> output)
    {
        switch (value)
        {
            case JsonObject members:
                WriteObject(members, output);
                break;
            case JsonArray items:
                WriteArray(items, output);
                break;
            case JsonText text:
                WriteText(text.Value, output);
                break;
            case JsonInteger number:
                output.Write(Encoding.ASCII.GetBytes(number.Value.ToString(CultureInfo.InvariantCulture)));
                break;
            case JsonBoolean truth:
                output.Write(truth.Value ? "true"u8 : "false"u8);
                break;
            default:
                output.Write("null"u8);
                break;
        }
    }

    private static void WriteObject(JsonObject members, ArrayBufferWriter<byte> output)
    {
        bool isFirst = true;
        output.Write("{"u8);
        foreach ((string name, JsonValue value) in members)
        {
            output.Write(isFirst ? [] : ","u8);
            WriteText(name, output);
            output.Write(":"u8);
            Write(value, output);
            isFirst = false;
        }

        output.Write("}"u8);
    }

    private static void WriteArray(JsonArray items, ArrayBufferWriter<byte> output)
    {
        output.Write("["u8);
        for (int i = 0; i < items.Count; i++)
        {
            output.Write(i == 0 ? [] : ","u8);
            Write(items[i], output);
        }

        output.Write("]"u8);
    }

    private static void WriteText(string text, ArrayBufferWriter<byte> output)
    {
        output.Write("\""u8);
        Span<byte> utf8 = stackalloc byte[4];
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out Rune rune, out int used) != OperationStatus.Done)
            {
                throw new ArgumentException("The text has a lone surrogate (RFC 7493, section 2.1), so it cannot be written as UTF-8.",
                    nameof(text));
            }

            rest = rest[used..];
            if (rune.Value < ' ' || rune.Value is '"' or '\\')
            {
                WriteEscape((char)rune.Value, output);
            }
            else
            {
                output.Write(utf8[..rune.EncodeToUtf8(utf8)]);
            }
        }

        output.Write("\""u8);
    }

    private static void WriteEscape(char character, ArrayBufferWriter<byte> output) => output.Write(character switch
    {
        '"' => "\\\""u8,
        '\\' => "\\\\"u8,
        '\b' => "\\b"u8,
        '\t' => "\\t"u8,
        '\n' => "\\n"u8,
        '\f' => "\\f"u8,
        '\r' => "\\r"u8,
        _ => Encoding.ASCII.GetBytes($"\\u{(int)character:x4}"),
    });
}
