using System.Text;
using System.Text.Unicode;
using Estream.Esf.Schema;

namespace Estream.Marketplace.Toml;

/// <summary>
/// Reads TOML 1.0 (https://toml.io/en/v1.0.0), strictly: what that does not allow is a mistake with its place. No bytes make it
/// throw. Thread-safe; holds no state. Time and memory are proportional to the length of the file.
/// </summary>
internal static class TomlReader
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads a whole file.</summary>
    /// <param name="utf8">Its bytes, from anywhere.</param>
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

/// <summary>What reading a TOML file gave: its root, or the first mistake. One of the two is null.</summary>
internal sealed record TomlReadResult(TomlTable? Root, TomlError? Error);

/// <summary>A mistake in a TOML file.</summary>
/// <param name="Position">Line and column, both from 1; a column counts Unicode characters.</param>
/// <param name="Message">What is wrong and what to write instead.</param>
internal sealed record TomlError(SourcePosition Position, string Message)
{
    public override string ToString() => $"{Position}: {Message}";
}

/// <summary>A part of a key, and where it is written.</summary>
internal readonly record struct TomlKey(string Name, SourcePosition Position);

/// <summary>How much a TOML file may hold: what comes from outside ends somewhere.</summary>
internal static class TomlLimits
{
    /// <summary>Longest file in bytes: 1 MiB.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Deepest nesting of tables and arrays; the root is at depth 0.</summary>
    public const int MaxDepth = 32;

    /// <summary>Most keys and items of arrays in one file, those of tables that are only passed through included.</summary>
    public const int MaxValues = 65_536;
}
