using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Estream.Marketplace.Names;

/// <summary>
/// The Unicode 15.0 data for comparing names, embedded so that results are the same on every machine. The system's normalizer does nothing
/// in globalization-invariant mode, which the programs of this repository use: it returns its input without an error. Immutable; loaded on
/// first use.
/// </summary>
internal sealed class UnicodeTables
{
    private static readonly Lazy<UnicodeTables> s_instance = new(Read);

    private readonly FrozenDictionary<int, string> _decompositions;
    private readonly FrozenDictionary<int, string> _prototypes;
    private readonly Span[] _classes;
    private readonly Span[] _scripts;

    private UnicodeTables(IReadOnlyDictionary<string, List<string>> sections)
    {
        _decompositions = Texts(sections["decompositions"]);
        _prototypes = Texts(sections["prototypes"]);
        _classes = [.. sections["classes"].Select(Span.Of)];
        _scripts = [.. sections["scripts"].Select(Span.Of)];
    }

    /// <summary>The shared tables.</summary>
    public static UnicodeTables Instance => s_instance.Value;

    /// <summary>Returns the full canonical decomposition of a character that is not a Hangul syllable; null if the character decomposes to
    /// itself.</summary>
    public string? Decomposition(Rune rune) => _decompositions.GetValueOrDefault(rune.Value);

    /// <summary>Returns the prototype of a decomposed character (UTS #39, section 4); null if the character is its own prototype.</summary>
    public string? Prototype(Rune rune) => _prototypes.GetValueOrDefault(rune.Value);

    /// <summary>Returns the canonical combining class, 0 to 254.</summary>
    public int CombiningClass(Rune rune) => rune.IsAscii || Find(_classes, rune.Value) is not { } span
        ? 0
        : int.Parse(span.Value, CultureInfo.InvariantCulture);

    /// <summary>Returns the script of a letter, such as <c>Latn</c>; null if the letter belongs to no script or to all scripts. The
    /// argument must be a letter.</summary>
    public string? Script(Rune letter) => Find(_scripts, letter.Value)?.Value;

    private static Span? Find(Span[] spans, int code)
    {
        int low = 0, high = spans.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (code < spans[middle].First)
            {
                high = middle - 1;
            }
            else if (code > spans[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return spans[middle];
            }
        }

        return null;
    }

    private static FrozenDictionary<int, string> Texts(List<string> lines) =>
        lines.Select(line => line.Split(' '))
            .ToFrozenDictionary(words => Code(words[0]),
                words => string.Concat(words.Skip(1).Select(word => char.ConvertFromUtf32(Code(word)))));

    private static int Code(string word) => int.Parse(word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static UnicodeTables Read()
    {
        using StreamReader lines = new(typeof(UnicodeTables).Assembly.GetManifestResourceStream("unicode.txt")!, Encoding.ASCII);
        Dictionary<string, List<string>> sections = [];
        List<string> section = [];
        while (lines.ReadLine() is { } line)
        {
            if (line[0] == '[')
            {
                sections.Add(line.Trim('[', ']'), section = []);
            }
            else if (line[0] != '#')
            {
                section.Add(line);
            }
        }

        return new UnicodeTables(sections);
    }

    private sealed record Span(int First, int Last, string Value)
    {
        public static Span Of(string line)
        {
            string[] words = line.Split('-', ' ');
            return new Span(Code(words[0]), Code(words[1]), words[2]);
        }
    }
}
