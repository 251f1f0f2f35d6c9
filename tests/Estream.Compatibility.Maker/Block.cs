using System.Runtime.CompilerServices;

namespace Estream.Compatibility;

/// <summary>A value of four kilobytes in which every word is the same, so that a mixture of two shows.</summary>
public struct Block
{
    private Content _words;

    /// <summary>The operation that wrote it.</summary>
    public readonly long Operation => _words[0];

    /// <summary>Whether all of it comes from one <see cref="Of"/>.</summary>
    public readonly bool IsWhole => !((ReadOnlySpan<long>)_words).ContainsAnyExcept(_words[0]);

    public static Block Of(long operation)
    {
        Block value = default;
        ((Span<long>)value._words).Fill(operation);
        return value;
    }

    [InlineArray(512)]
    private struct Content
    {
        private long _first;
    }
}
