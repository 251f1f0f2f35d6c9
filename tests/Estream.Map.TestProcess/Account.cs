using System.Runtime.CompilerServices;

namespace Estream.Map.TestProcess;

/// <summary>What an account holds, in so many words that a writer is in the middle of a transfer whenever it is killed.</summary>
public struct Account
{
    private const int Words = 256;

    private Content _words;

    public readonly long Balance => _words[0];

    /// <summary>Whether all of it comes from one <see cref="Of"/>.</summary>
    public readonly bool IsWhole => !((ReadOnlySpan<long>)_words).ContainsAnyExcept(_words[0]);

    public static Account Of(long balance)
    {
        Account account = default;
        ((Span<long>)account._words).Fill(balance);
        return account;
    }

    [InlineArray(Words)]
    private struct Content
    {
        private long _first;
    }
}
