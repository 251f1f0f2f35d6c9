using Estream.Esf.Schema;

namespace Estream.Marketplace.Toml;

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
