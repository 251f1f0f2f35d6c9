using System.Security.Cryptography;
using Estream.Esf;

namespace Estream.Streams;

/// <summary>Creates tokens: the digits of a card, with the middle digits replaced by random digits.</summary>
internal static class TokenDigits
{
    /// <summary>Writes a token that is not a valid card number.</summary>
    public static void Make(ReadOnlySpan<byte> card, Span<byte> token)
    {
        card.CopyTo(token);
        do
        {
            for (int i = EsfCardNumber.FirstShown; i < token.Length - EsfCardNumber.LastShown; i++)
            {
                token[i] = (byte)('0' + RandomNumberGenerator.GetInt32(10));
            }
        }
        while (!EsfCardNumber.IsTokenShaped(token));
    }
}
