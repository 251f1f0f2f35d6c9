namespace Estream.Esf;

/// <summary>The result of requesting the token of a card.</summary>
public enum EsfTokenOutcome
{
    /// <summary>The token was found or created.</summary>
    Ok,

    /// <summary>The text is neither a card number nor a token of the vault.</summary>
    NotACard,

    /// <summary>All tokens with the first six and the last four digits of the card are in use.</summary>
    NoneLeft,
}

/// <summary>
/// Maps card numbers to tokens and back. A card always has the same token. A token has the length, the first six and the last four digits
/// of its card number, and a wrong check digit, so it is never a card number. Thread-safe.
/// </summary>
public interface IEsfTokenVault
{
    /// <summary>Finds or creates the token of a card.</summary>
    /// <param name="card">The digits of the card. A token of this vault is returned unchanged.</param>
    /// <param name="token">Receives the same number of digits; unchanged if there is no token.</param>
    /// <exception cref="Core.EstreamStorageException">The vault cannot be written at present.</exception>
    EsfTokenOutcome Tokenize(ReadOnlySpan<byte> card, Span<byte> token);

    /// <summary>Finds the card number of a token.</summary>
    /// <param name="token">The digits of the token.</param>
    /// <param name="card">Receives the same number of digits; may be the same memory as the token. Unchanged if the token is
    /// unknown.</param>
    /// <returns>True if the vault has the token.</returns>
    bool TryDetokenize(ReadOnlySpan<byte> token, Span<byte> card);
}
