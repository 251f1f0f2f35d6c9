using Estream.Esf;

namespace Estream.Fuzz.Esf;

/// <summary>A vault that knows the single card of the seeds; a damaged token is not one of its tokens.</summary>
internal sealed class OneCard : IEsfTokenVault
{
    private static ReadOnlySpan<byte> Card => "5555555555554444"u8;

    private static ReadOnlySpan<byte> Token => "5555550000004444"u8;

    public EsfTokenOutcome Tokenize(ReadOnlySpan<byte> card, Span<byte> token) =>
        card.SequenceEqual(Card) && Token.TryCopyTo(token) ? EsfTokenOutcome.Ok : EsfTokenOutcome.NotACard;

    public bool TryDetokenize(ReadOnlySpan<byte> token, Span<byte> card) => token.SequenceEqual(Token) && Card.TryCopyTo(card);
}
