namespace Estream.Esf;

/// <summary>What came of asking for the token of a card.</summary>
public enum EsfTokenOutcome
{
    /// <summary>There is one.</summary>
    Ok,

    /// <summary>The text is neither the number of a card nor a token of the vault.</summary>
    NotACard,

    /// <summary>All tokens with the first six and the last four digits of the card are given out.</summary>
    NoneLeft,
}

/// <summary>
/// Knows which token stands for which card. The same card has the same token always; a token has the length of its card, its first six and
/// last four digits, and is no card, because its check digit is wrong.
/// Thread-safe.
/// </summary>
public interface IEsfTokenVault
{
    /// <summary>Finds the token of a card, or makes it.</summary>
    /// <param name="card">The digits of the card; a token of this vault stays what it is.</param>
    /// <param name="token">Takes as many digits; unchanged where there is no token.</param>
    /// <exception cref="Core.EstreamStorageException">The vault cannot be written now.</exception>
    EsfTokenOutcome Tokenize(ReadOnlySpan<byte> card, Span<byte> token);

    /// <summary>Finds the card of a token.</summary>
    /// <param name="token">The digits of the token.</param>
    /// <param name="card">Takes as many digits, and may be where the token is; unchanged where the vault has no such token.</param>
    /// <returns>Whether the vault has it.</returns>
    bool TryDetokenize(ReadOnlySpan<byte> token, Span<byte> card);
}
