using System.Runtime.CompilerServices;

namespace Estream.Map.TestProcess;

/// <summary>
/// A value of 32 kilobytes in which every word is the same, so that a mixture of two values shows, and so long that a writer is found
/// in the middle of one whenever it is looked at or killed.
/// </summary>
public struct CheckedValue
{
    private const int Words = 4096;

    private Content _words;

    /// <summary>The operation that wrote it.</summary>
    public readonly long Operation => _words[0];

    /// <summary>Whether all of it comes from one <see cref="Of"/>.</summary>
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
