using System.Text;
using System.Text.RegularExpressions;
using Estream.Esf;
using Estream.Wire.Iso20022.Validation;

namespace Estream.Wire.Iso20022.Folders;

/// <summary>
/// Names of files as events and dead letters have them. Banks name statements after the account they are of, whose number is private: an
/// IBAN, or the number of a card, whose check digits are right is not shown. Numbers of accounts without check digits nothing tells from
/// dates and counters.
/// </summary>
internal static partial class ShownName
{
    private const int MaxIbanLength = 34;

    /// <summary>A name, or a text that has one in it, with <c>{iban}</c> or <c>{card}</c> for each such number.</summary>
    public static string Of(string text) => Words().Replace(text, static word => Shown(word.Value));

    private static string Shown(string word)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(word);
        return EsfCardNumber.IsCard(bytes) ? "{card}" : IsIban(word, bytes) ? "{iban}" : word;
    }

    private static bool IsIban(string word, byte[] bytes) =>
        word.Length <= MaxIbanLength && char.IsAsciiLetter(word[0]) && char.IsAsciiLetter(word[1]) && char.IsAsciiDigit(word[2])
            && char.IsAsciiDigit(word[3])
        && Iban.HasRightCheckDigits(bytes);

    // The shortest numbers of cards; no IBAN is shorter than 15.
    [GeneratedRegex("[A-Za-z0-9]{13,}")]
    private static partial Regex Words();
}
