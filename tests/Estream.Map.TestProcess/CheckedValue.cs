using System.Runtime.CompilerServices;

namespace Estream.Map.TestProcess;

/// <summary>A value of 32 kilobytes in which every word is the same, so that a mixture of two values is detected. It is so long that a
/// writer is usually in the middle of one when it is inspected or killed.</summary>
public struct CheckedValue
{
    private const int Words = 4096;

    private Content _words;

    /// <summary>The operation that wrote the value.</summary>
    public readonly long Operation => _words[0];

    /// <summary>Whether all words come from one <see cref="Of"/>.</summary>
    public readonly bool IsWhole => !((ReadOnlySpan<long>)_words).ContainsAnyExcept(_words[0]);

    public static CheckedValue Of(long operation)
    {
        CheckedValue value = default;
        ((Span<long>)value._words).Fill(operation);
        return value;
    }

    [InlineArray(Words)]
    private struct Content
    {
        private long _first;
    }
}
