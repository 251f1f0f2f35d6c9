using System.Text;

namespace Estream.Esf.Tests.Generation;

/// <summary>An in-memory vault with predictable tokens: the middle digits are zeros except one that makes the check digit wrong.</summary>
internal sealed class FakeVault : IEsfTokenVault
{
    private readonly Dictionary<string, string> _cards = [];

    public EsfTokenOutcome Tokenize(ReadOnlySpan<byte> card, Span<byte> token)
    {
        string text = Encoding.UTF8.GetString(card);
        if (text.EndsWith("0000", StringComparison.Ordinal) && EsfCardNumber.IsCard(card))
        {
            return EsfTokenOutcome.NoneLeft;
        }

        if (_cards.ContainsKey(text))
        {
            card.CopyTo(token);
            return EsfTokenOutcome.Ok;
        }

        if (!EsfCardNumber.IsCard(card))
        {
            return EsfTokenOutcome.NotACard;
        }

        string made = TokenOf(text);
        _cards[made] = text;
        Encoding.UTF8.GetBytes(made, token);
        return EsfTokenOutcome.Ok;
    }

    public bool TryDetokenize(ReadOnlySpan<byte> token, Span<byte> card)
    {
        bool isKnown = _cards.TryGetValue(Encoding.UTF8.GetString(token), out string? text);
        if (isKnown)
        {
            Encoding.UTF8.GetBytes(text!, card);
        }

        return isKnown;
    }

    public static string TokenOf(string card) => Enumerable.Range(0, 10)
        .Select(digit => card[..6] + new string('0', card.Length - 11) + digit + card[^4..])
        .First(text => EsfCardNumber.IsTokenShaped(Encoding.UTF8.GetBytes(text)));
}
