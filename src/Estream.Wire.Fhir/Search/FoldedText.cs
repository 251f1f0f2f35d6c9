using System.Text;

namespace Estream.Wire.Fhir.Search;

/// <summary>Compares texts without case and accents (FHIR R4, 3.1.1.4.8). Has its own tables, because a host runs in the invariant
/// culture, which does not decompose letters. Letters of scripts other than Latin keep their marks, except combining marks.
/// Stateless and thread-safe.</summary>
internal static class FoldedText
{
    private const char FirstLatin = '\u00C0';
    private const char FirstAdditional = '\u1E00';
    private const char FirstMark = '\u0300';
    private const char LastMark = '\u036F';

    /// <summary>The letters U+00C0 to U+017F in lower case and without accents.</summary>
    private const string Latin =
        "aaaaaaæceeeeiiiiðnooooo×øuuuuyþßaaaaaaæceeeeiiiiðnooooo÷øuuuuyþyaaaaaaccccccccddđđeeeeeeeeeegggg"
        + "gggghhħħiiiiiiiiiıĳĳjjkkĸllllllŀŀłłnnnnnnŉŋŋooooooœœrrrrrrssssssssttttŧŧuuuuuuuuuuuuwwyyyzzzzzzſ";

    /// <summary>The letters U+1E00 to U+1EFF in lower case and without accents.</summary>
    private const string Additional =
        "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopp"
        + "pprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwyẚſẜẝßẟaaaaaaaaaaaa"
        + "aaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyỻỻỽỽỿỿ";

    /// <summary>Returns a text in lower case, without accents and combining marks.</summary>
    public static string Of(string text)
    {
        StringBuilder folded = new(text.Length);
        foreach (char one in text)
        {
            if (one is < FirstMark or > LastMark)
            {
                folded.Append(Of(one));
            }
        }

        return folded.ToString();
    }

    private static char Of(char one) =>
        one - FirstLatin is >= 0 and var latin && latin < Latin.Length ? Latin[latin]
        : one - FirstAdditional is >= 0 and var additional && additional < Additional.Length ? Additional[additional]
        : char.ToLowerInvariant(one);
}
