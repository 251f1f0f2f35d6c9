using System.Globalization;

namespace Estream.Esf.Schema;

/// <summary>Reads complete or partial versions from left to right, and keeps the first error. Not thread-safe; used for one
/// text.</summary>
internal sealed class VersionCursor(string text)
{
    private int _at;

    public ParseFault? Fault { get; private set; }

    public bool IsAtEnd => _at == text.Length;

    public char Next => IsAtEnd ? '\0' : text[_at];

    /// <summary>Records an error at the next character, unless there already is one.</summary>
    public void Fail(string reason) => Fault ??= new ParseFault(_at, reason);

    /// <summary>Skips a text if it is next.</summary>
    public bool TrySkip(string expected)
    {
        bool isNext = string.CompareOrdinal(text, _at, expected, 0, expected.Length) == 0;
        _at += isNext ? expected.Length : 0;
        return isNext;
    }

    /// <summary>Skips blanks; returns false if there were none.</summary>
    public bool SkipBlanks()
    {
        int start = _at;
        while (Next == ' ')
        {
            _at++;
        }

        return _at > start;
    }

    /// <summary>
    /// Reads a version of one to three numbers; missing numbers are 0. Only a version with three numbers can have a pre-release or build
    /// metadata. Returns null and sets <see cref="Fault"/> if there is no version.
    /// </summary>
    public SemanticVersion? ReadVersion(out int numberCount)
    {
        int start = _at;
        int[] numbers = new int[3];
        numberCount = 0;
        do
        {
            if (!ReadNumber(out numbers[numberCount++]))
            {
                return null;
            }
        }
        while (numberCount < numbers.Length && TrySkip("."));
        string[] preRelease = [];
        string build = "";
        if (numberCount == numbers.Length && TrySkip("-"))
        {
            int from = _at;
            if (!ReadWords(isPreRelease: true))
            {
                return null;
            }

            preRelease = text.Substring(from, _at - from).Split('.');
        }

        if (numberCount == numbers.Length && TrySkip("+"))
        {
            int from = _at;
            if (!ReadWords(isPreRelease: false))
            {
                return null;
            }

            build = text.Substring(from, _at - from);
        }

        return numberCount < numbers.Length
            ? SemanticVersion.Release(numbers[0], numbers[1], numbers[2])
            : new SemanticVersion(numbers[0], numbers[1], numbers[2], preRelease, build, text.Substring(start, _at - start));
    }

    /// <summary>Whether an identifier consists of digits only, which makes it numeric.</summary>
    public static bool IsNumber(string word) => word.All(c => c is >= '0' and <= '9');

    private bool ReadNumber(out int number)
    {
        int start = _at;
        while (Next is >= '0' and <= '9')
        {
            _at++;
        }

        int end = _at;
        _at = start;
        number = 0;
        if (end == start)
        {
            Fail("a number is expected here, as in 1.0.0");
        }
        else if (end - start > 1 && text[start] == '0')
        {
            Fail("a number must not have a leading zero");
        }
        else if (end - start > 9)
        {
            Fail($"a number is at most {SemanticVersion.MaxNumber}");
        }
        else
        {
            number = int.Parse(text.Substring(start, end - start), NumberStyles.None, CultureInfo.InvariantCulture);
            _at = end;
            return true;
        }

        return false;
    }

    private bool ReadWords(bool isPreRelease)
    {
        do
        {
            int start = _at;
            while (Next is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '-')
            {
                _at++;
            }

            if (_at == start)
            {
                Fail("an identifier of letters, digits and - is expected here");
                return false;
            }

            if (isPreRelease && _at - start > 1 && text[start] == '0' && IsNumber(text.Substring(start, _at - start)))
            {
                _at = start;
                Fail("a numeric pre-release identifier must not have a leading zero");
                return false;
            }
        }
        while (TrySkip("."));
        return true;
    }
}
