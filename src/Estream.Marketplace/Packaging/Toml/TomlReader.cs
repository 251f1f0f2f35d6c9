using System.Text;
using System.Text.Unicode;
using Estream.Esf.Schema;

namespace Estream.Marketplace.Toml;

/// <summary>
/// Reads TOML 1.0 (https://toml.io/en/v1.0.0) strictly; reports everything else as an error with its position. Accepts any bytes and never
/// throws because of them. Thread-safe; holds no state. Time and memory are proportional to the length of the file.
/// </summary>
internal static class TomlReader
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads a whole file.</summary>
    /// <param name="utf8">The untrusted bytes of the file.</param>
    public static TomlReadResult Read(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > TomlLimits.MaxBytes)
        {
            return new TomlReadResult(null, new TomlError(new SourcePosition(1, 1), TomlMessages.TooLong()));
        }

        ReadOnlySpan<byte> text = utf8.StartsWith(ByteOrderMark) ? utf8[ByteOrderMark.Length..] : utf8;
        if (!Utf8.IsValid(text))
        {
            return new TomlReadResult(null, NotUtf8(text));
        }

        TomlParser parser = new(text);
        return parser.ReadFile();
    }

    private static TomlError NotUtf8(ReadOnlySpan<byte> text)
    {
        int line = 1;
        int column = 1;
        int at = 0;
        while (Rune.DecodeFromUtf8(text[at..], out Rune rune, out int length) == System.Buffers.OperationStatus.Done)
        {
            at += length;
            (line, column) = rune.Value == '\n' ? (line + 1, 1) : (line, column + 1);
        }

        return new TomlError(new SourcePosition(line, column), TomlMessages.NotUtf8(text[at]));
    }
}

/// <summary>The result of reading a TOML file: its root, or the first error. Exactly one is null.</summary>
internal sealed record TomlReadResult(TomlTable? Root, TomlError? Error);

/// <summary>An error in a TOML file.</summary>
/// <param name="Position">The line and column, both from 1; a column counts Unicode characters.</param>
/// <param name="Message">What is wrong, and what to write instead.</param>
internal sealed record TomlError(SourcePosition Position, string Message)
{
    public override string ToString() => $"{Position}: {Message}";
}

/// <summary>A part of a key with its position.</summary>
internal readonly record struct TomlKey(string Name, SourcePosition Position);

/// <summary>The limits on a TOML file, which is untrusted input.</summary>
internal static class TomlLimits
{
    /// <summary>The maximum size of a file, in bytes: 1 MiB.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>The maximum nesting of tables and arrays; the root has depth 0.</summary>
    public const int MaxDepth = 32;

    /// <summary>The maximum number of keys and array items in a file, including tables that headers only pass through.</summary>
    public const int MaxValues = 65_536;
}
