using System.Runtime.CompilerServices;

namespace Estream.Compatibility;

/// <summary>A four-kilobyte value in which every word is the same, so that a mixture of two values can be detected.</summary>
public struct Block
{
    private Content _words;

    /// <summary>The operation that wrote it.</summary>
    public readonly long Operation => _words[0];

    /// <summary>Whether the whole value comes from one call of <see cref="Of"/>.</summary>
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
