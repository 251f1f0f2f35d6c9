using System.Text;
using System.Text.RegularExpressions;
using Estream.Esf;
using Estream.Wire.Iso20022.Validation;

namespace Estream.Wire.Iso20022.Folders;

/// <summary>
/// Masks account numbers in file names for events and dead letters. Banks name statements after accounts, whose numbers are private: an
/// IBAN or card number with valid check digits is replaced. Account numbers without check digits cannot be distinguished from dates and
/// counters and are not masked.
/// </summary>
internal static partial class ShownName
{
    private const int MaxIbanLength = 34;

    /// <summary>Returns the text with <c>{iban}</c> or <c>{card}</c> instead of each such number.</summary>
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

    // The shortest card numbers have 13 digits; no IBAN is shorter than 15 characters.
    [GeneratedRegex("[A-Za-z0-9]{13,}")]
    private static partial Regex Words();
}
